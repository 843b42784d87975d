using System.Collections.Concurrent;
using SlimtaFast.Mail;
using SlimtaFast.Queue;
using SlimtaFast.Relay;

namespace SlimtaFast.Storage.Redis.Tests.Sharing;

/// <summary>
/// What an order to reroute goes through on a storage that processes share: two messages wait behind a third, are rerouted, put off once, and go the new way again.
/// </summary>
/// <param name="relay">The queue's next hop.</param>
/// <param name="patience">How long something is waited for.</param>
internal sealed class RerouteTrial(WatchfulRelay relay, TimeSpan patience)
{
    private const string Backup = "backup.internal";

    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<(string Way, int Number)> _ways = new();

    /// <summary>Has a hop one attempt at a time, so that others wait for their turn.</summary>
    public static MailQueueOptions OneAtATime(MailQueueOptions options) => options with { HopInitialAttempts = 1, HopMaxAttempts = 1 };

    /// <summary>Runs it.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="enqueue">Has it take a message to somebody.</param>
    /// <param name="waitForEmpty">Waits until the storage has nothing.</param>
    public async Task RunAsync(MailQueue queue, Func<string, Task> enqueue, Func<Task> waitForEmpty)
    {
        relay.Script = AttemptAsync;
        await enqueue("first@host.example");
        await relay.WaitForAttemptAsync(patience);
        await enqueue("second@host.example");
        await enqueue("third@host.example");
        var order = new QueueOrder(QueueAction.Reroute, "the test") { Filter = new QueueFilter { Domain = "host.example" }, RoutingDomain = Backup };
        using var end = new CancellationTokenSource(patience);
        for (int done = 0; done < 2; await Task.Delay(20, end.Token))
            done += (await queue.Desk.OrderAsync(order, end.Token)).Items.Count(static item => item.Outcome == OrderOutcome.Done);
        await relay.WaitAsync(() => relay.Delivered.Count == 2, patience);
        _gate.SetResult();
        await relay.WaitAsync(() => relay.Delivered.Count == 3, patience);
        await waitForEmpty();
        Assert.Equal([(Backup, 1), (Backup, 1), (Backup, 2), (Backup, 2)], _ways.Order());
        Assert.Empty(relay.Overlaps);
    }

    private async Task<DeliveryReport> AttemptAsync(Envelope envelope, DeliveryAttempt attempt, CancellationToken stop)
    {
        if (attempt.RoutingDomain is null)
            await _gate.Task.WaitAsync(stop);
        else
            _ways.Enqueue((attempt.RoutingDomain, attempt.Number));
        return attempt.RoutingDomain is null || attempt.Number > 1
            ? WatchfulRelay.Deliver(attempt)
            : DeliveryReport.ForAll(attempt.Recipients.Count, new RecipientOutcome(OutcomeKind.Transient, new SmtpReply(451, "4.3.0", "Later")));
    }
}
