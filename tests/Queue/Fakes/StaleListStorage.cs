using SlimtaFast.Mail;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Tests.Fakes;

/// <summary>A shared storage whose list says what was so a moment ago: others ordered about an item before it is claimed.</summary>
internal sealed class StaleListStorage : LoneSharedStorage
{
    /// <summary>What a list names.</summary>
    public List<QueueEntry> Listed { get; } = [];

    /// <summary>When the item that is claimed is due.</summary>
    public DateTimeOffset DueAt { get; set; }

    /// <summary>How often it was attempted.</summary>
    public int Attempts { get; set; } = 1;

    /// <summary>By whose route it goes; null for what the list says.</summary>
    public string? Domain { get; set; }

    /// <summary>How many items were claimed.</summary>
    public int Claims { get; private set; }

    /// <summary>What was given back.</summary>
    public List<LeaseRelease> Released { get; } = [];

    public override bool ListsAll => true;

    public override ValueTask<QueueEntryPage> ListAsync(bool onlyHeld, string? cursor, int max, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new QueueEntryPage([.. Listed], null));

    public override ValueTask<ClaimedItem?> ClaimAsync(QueueId id, TimeSpan lease, CancellationToken cancellationToken)
    {
        Claims++;
        QueueEntry listed = Listed.Single(entry => entry.Id == id);
        return ValueTask.FromResult<ClaimedItem?>(new ClaimedItem(listed with { DueAt = DueAt, Attempts = Attempts, Domain = Domain ?? listed.Domain }, QueueLease.First));
    }

    public override ValueTask ReleaseAsync(IReadOnlyList<LeaseRelease> releases, CancellationToken cancellationToken)
    {
        Released.AddRange(releases);
        return ValueTask.CompletedTask;
    }
}
