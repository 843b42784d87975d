using System.Collections.Concurrent;
using SlimtaFast.Mail;
using SlimtaFast.Relay;

namespace SlimtaFast.Storage.Redis.Tests.Sharing;

/// <summary>The next hop of several queues at once: sees to it that no item is attempted by two at a time, and counts who got it.</summary>
internal sealed class WatchfulRelay : IRelay
{
    private static readonly RecipientOutcome Ok = new(OutcomeKind.Delivered, new SmtpReply(250, "2.0.0", "Ok"));

    private readonly ConcurrentDictionary<QueueId, bool> _running = new();
    private readonly SemaphoreSlim _news = new(0);
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Deliveries of each item.</summary>
    public ConcurrentDictionary<QueueId, int> Delivered { get; } = new();

    /// <summary>Attempts of each item, in order: the number that the queue gave them.</summary>
    public ConcurrentQueue<(QueueId Id, int Number, Envelope Envelope)> Attempts { get; } = new();

    /// <summary>Items that two attempted at once.</summary>
    public ConcurrentQueue<QueueId> Overlaps { get; } = new();

    /// <summary>What an attempt does; delivers, after reading the content, by default.</summary>
    public Func<Envelope, DeliveryAttempt, CancellationToken, Task<DeliveryReport>>? Script { get; set; }

    /// <summary>Delivery to everybody.</summary>
    public static DeliveryReport Deliver(DeliveryAttempt attempt) => DeliveryReport.ForAll(attempt.Recipients.Count, Ok);

    /// <inheritdoc/>
    public string GetNextHop(string domain) => domain;

    /// <inheritdoc/>
    public async ValueTask<DeliveryReport> AttemptAsync(Envelope envelope, DeliveryAttempt attempt, CancellationToken cancellationToken)
    {
        if (!_running.TryAdd(envelope.Id, true))
            Overlaps.Enqueue(envelope.Id);
        Attempts.Enqueue((envelope.Id, attempt.Number, envelope));
        _begun.TrySetResult();
        try
        {
            await ReadAsync(envelope, cancellationToken);
            DeliveryReport report = Script is null ? Deliver(attempt) : await Script(envelope, attempt, cancellationToken);
            if (report.Outcomes.All(static outcome => outcome.Kind == OutcomeKind.Delivered))
                Delivered.AddOrUpdate(envelope.Id, 1, static (_, count) => count + 1);
            return report;
        }
        finally
        {
            _running.TryRemove(envelope.Id, out _);
            _news.Release();
        }
    }

    /// <summary>Waits for the first attempt to begin.</summary>
    public Task WaitForAttemptAsync(TimeSpan limit) => _begun.Task.WaitAsync(limit);

    /// <summary>Waits until something is true, looking after each attempt.</summary>
    public async Task WaitAsync(Func<bool> isSo, TimeSpan limit)
    {
        using var end = new CancellationTokenSource(limit);
        while (!isSo())
            await _news.WaitAsync(end.Token);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Reads what would be sent.</summary>
    public static async Task<byte[]> ReadAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        await using Stream stream = envelope.OpenStream();
        byte[] bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }
}
