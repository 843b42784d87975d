using SlimtaFast.Mail;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Tests.Fakes;

/// <summary>A shared storage that loses answers to updates which it has done.</summary>
internal sealed class AnswerLosingStorage : LoneSharedStorage
{
    /// <summary>How many answers are yet to be lost.</summary>
    public int Losses { get; set; }

    /// <summary>For how long bounces were to be leased, update by update.</summary>
    public List<TimeSpan> BounceLeases { get; } = [];

    public override async ValueTask<bool> UpdateAsync(QueueLease lease, DeliveryState state, IReadOnlyList<QueueItem> bounces, TimeSpan bounceLease, CancellationToken cancellationToken)
    {
        BounceLeases.Add(bounceLease);
        bool isDone = await base.UpdateAsync(lease, state, bounces, bounceLease, cancellationToken);
        if (Losses == 0)
            return isDone;
        Losses--;
        throw new StorageException(StorageFailure.DeadlinePassed, "The answer is lost, as the test says.");
    }
}
