using System.Diagnostics.CodeAnalysis;
using SlimtaFast.Mail;
using SlimtaFast.Queue;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Redis.Tests.Sharing;

/// <summary>Several queues on one real Redis, each with a connection of its own, as in processes of their own.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The test framework calls DisposeAsync.")]
public sealed class SharedQueueTests(RedisFixture fixture) : IClassFixture<RedisFixture>, IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly QueueIdGenerator _ids = new(TimeProvider.System);
    private readonly WatchfulRelay _relay = new();
    private readonly List<IAsyncDisposable> _open = [];
    private RedisStorageOptions _place = null!;

    /// <inheritdoc/>
    public Task InitializeAsync()
    {
        if (fixture.Redis is not null)
            _place = fixture.NewPlace();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        for (int i = _open.Count - 1; i >= 0; i--)
            await _open[i].DisposeAsync();
        await _relay.DisposeAsync();
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Each_message_is_delivered_once_whoever_took_it()
    {
        (MailQueue edge, RedisStorage storage) = await OpenAsync(options => options with { Hold = true });
        (MailQueue first, _) = await OpenAsync();
        (MailQueue second, _) = await OpenAsync(static options => options with { MaxLeased = 8 });
        MailQueue[] takers = [edge, first, second];
        const int Messages = 300;
        await Task.WhenAll(Enumerable.Range(0, Messages).Select(i => EnqueueAsync(takers[i % 3], $"b@host{i % 11}.example", size: i % 50 == 0 ? 200_000 : 500)));
        await _relay.WaitAsync(() => _relay.Delivered.Count == Messages, Patience);
        await WaitForEmptyAsync(storage);
        Assert.Empty(_relay.Overlaps);
        Assert.All(_relay.Delivered.Values, static count => Assert.Equal(1, count));
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task What_does_not_fit_into_the_list_of_a_fast_hop_comes_back_when_it_is_wanted()
    {
        // It went away for 30 to 60 seconds, while the hop had nothing to do.
        (MailQueue edge, RedisStorage storage) = await OpenAsync(options => options with { Hold = true });
        const int Messages = 60;
        for (int i = 0; i < Messages; i++)
            await EnqueueAsync(edge, "b@host.example");
        await OpenAsync(static options => options with { MaxLeased = 8 });
        await _relay.WaitAsync(() => _relay.Delivered.Count == Messages, Patience);
        await WaitForEmptyAsync(storage);
        Assert.Equal(Messages, _relay.Attempts.Count);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Retries_go_to_whoever_claims_them_and_keep_what_was_reached()
    {
        // python-slimta sent again to those who had it, and forgot others (its sections 4.5, 1 and 2).
        _relay.Script = (_, attempt, _) => Task.FromResult(new DeliveryReport(
            [.. attempt.Recipients.Select((_, i) => i == attempt.Recipients.Count - 1
                ? new RecipientOutcome(OutcomeKind.Delivered, new SmtpReply(250, "2.0.0", "Ok"))
                : new RecipientOutcome(OutcomeKind.Transient, new SmtpReply(451, "4.3.0", "Later")))]));
        (MailQueue first, RedisStorage storage) = await OpenAsync();
        await OpenAsync();
        await EnqueueAsync(first, ["a@host.example", "b@host.example", "c@host.example", "d@host.example"]);
        await _relay.WaitAsync(() => _relay.Attempts.Count >= 4, Patience);
        await WaitForEmptyAsync(storage);
        Assert.Equal([1, 2, 3, 4], _relay.Attempts.Select(static attempt => attempt.Number));
        Assert.Empty(_relay.Overlaps);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Message_that_waits_for_its_turn_is_rerouted_and_keeps_its_way_in_the_storage()
    {
        (MailQueue queue, RedisStorage storage) = await OpenAsync(RerouteTrial.OneAtATime);
        await new RerouteTrial(_relay, Patience).RunAsync(queue, to => EnqueueAsync(queue, to), () => WaitForEmptyAsync(storage));
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Refused_message_is_gone_and_its_report_delivered()
    {
        _relay.Script = (envelope, attempt, _) => Task.FromResult(envelope.ReversePath.IsNull
            ? WatchfulRelay.Deliver(attempt)
            : DeliveryReport.ForAll(attempt.Recipients.Count, new RecipientOutcome(OutcomeKind.Permanent, new SmtpReply(550, "5.1.1", "No such user"))));
        (MailQueue queue, RedisStorage storage) = await OpenAsync();
        await EnqueueAsync(queue, "b@host.example");
        await _relay.WaitAsync(() => _relay.Delivered.Count == 1, Patience);
        await WaitForEmptyAsync(storage);
        Assert.Equal(2, _relay.Attempts.Count);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Holder_that_cannot_renew_gives_up_before_its_end_and_cannot_reach_the_last_octet()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var unreadable = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        int attempts = 0;
        _relay.Script = async (envelope, attempt, token) =>
        {
            if (Interlocked.Increment(ref attempts) > 1)
                return WatchfulRelay.Deliver(attempt);
            await using (token.Register(cancelled.SetResult))
                await cancelled.Task;

            // A relay that goes on all the same.
            unreadable.SetResult(await Assert.ThrowsAnyAsync<IOException>(() => WatchfulRelay.ReadAsync(envelope, CancellationToken.None)));
            return WatchfulRelay.Deliver(attempt);
        };
        (MailQueue first, RedisStorage cutOff) = await OpenAsync(Short);
        await EnqueueAsync(first, "b@host.example");
        await _relay.WaitForAttemptAsync(Patience);

        // As where the network is gone: nothing reaches Redis any more.
        await cutOff.DisposeAsync();
        await cancelled.Task.WaitAsync(Patience);
        Assert.Equal(1, attempts);
        await unreadable.Task.WaitAsync(Patience);

        (_, RedisStorage storage) = await OpenAsync(Short);
        await _relay.WaitAsync(() => _relay.Delivered.Values.Sum() >= 1 && attempts == 2, Patience);
        await WaitForEmptyAsync(storage);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Long_attempt_keeps_its_lease()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _relay.Script = async (_, attempt, token) =>
        {
            await gate.Task.WaitAsync(token);
            return WatchfulRelay.Deliver(attempt);
        };
        (MailQueue first, RedisStorage storage) = await OpenAsync(Short);
        (_, RedisStorage watching) = await OpenAsync(Short);
        await EnqueueAsync(first, "b@host.example");
        await _relay.WaitForAttemptAsync(Patience);

        // Two leases long, as Redis counts.
        long started = Environment.TickCount64;
        while (Environment.TickCount64 - started < 13_000)
        {
            Assert.Empty((await watching.ClaimDueAsync(10, Patience, CancellationToken.None)).Items);
            await Task.Delay(50);
        }

        gate.SetResult();
        await WaitForEmptyAsync(storage);
        Assert.Single(_relay.Attempts);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Items_of_a_hop_that_is_down_go_back_and_use_up_no_attempt()
    {
        bool isUp = false;
        _relay.Script = (_, attempt, _) => Task.FromResult(isUp
            ? WatchfulRelay.Deliver(attempt)
            : DeliveryReport.ForAll(attempt.Recipients.Count, new RecipientOutcome(OutcomeKind.Transient, new SmtpReply(421, "4.4.1", "No connection")), HopCondition.Down));
        (MailQueue queue, RedisStorage storage) = await OpenAsync(static options => options with { HopRetryFirst = TimeSpan.FromSeconds(1), HopRetryMost = TimeSpan.FromSeconds(1) });
        for (int i = 0; i < 30; i++)
            await EnqueueAsync(queue, "b@down.example");
        await _relay.WaitForAttemptAsync(Patience);
        Volatile.Write(ref isUp, true);
        await _relay.WaitAsync(() => _relay.Delivered.Count == 30, Patience);
        await WaitForEmptyAsync(storage);
        Assert.All(_relay.Attempts, static attempt => Assert.Equal(1, attempt.Number));
        Assert.Equal(0, queue.GetSnapshot().Waiting);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Stopped_queue_gives_back_what_it_has()
    {
        var never = new TaskCompletionSource();
        _relay.Script = async (_, attempt, token) =>
        {
            await never.Task.WaitAsync(token);
            return WatchfulRelay.Deliver(attempt);
        };
        (MailQueue first, _) = await OpenAsync(static options => options with { HopMaxAttempts = 1, HopInitialAttempts = 1, StopGrace = TimeSpan.Zero });
        for (int i = 0; i < 20; i++)
            await EnqueueAsync(first, "b@host.example");
        await _relay.WaitForAttemptAsync(Patience);
        await first.StopAsync(CancellationToken.None);
        _relay.Script = null;

        // Long before any lease ends.
        (_, RedisStorage storage) = await OpenAsync();
        await _relay.WaitAsync(() => _relay.Delivered.Count == 20, Patience);
        await WaitForEmptyAsync(storage);
    }

    private static MailQueueOptions Short(MailQueueOptions options) => options with { LeaseTime = TimeSpan.FromSeconds(6) };

    private async Task<(MailQueue Queue, RedisStorage Storage)> OpenAsync(Func<MailQueueOptions, MailQueueOptions>? change = null)
    {
        RedisStorage storage = RedisFixture.Open(_place);
        _open.Add(storage);
        await storage.StartAsync(CancellationToken.None);
        var options = new MailQueueOptions { HostName = "mx.example.org", Retry = new RetrySchedule([TimeSpan.FromSeconds(1)], repeatsLast: true, TimeSpan.FromDays(1)) };
        var queue = new MailQueue(storage, _relay, change is null ? options : change(options), []);
        _open.Add(queue);
        await queue.StartAsync(CancellationToken.None);
        return (queue, storage);
    }

    private Task EnqueueAsync(MailQueue queue, string to, int size = 500) => EnqueueAsync(queue, [to], size);

    private async Task EnqueueAsync(MailQueue queue, string[] to, int size = 500)
    {
        Envelope envelope = Envelopes.Make(Contents.InMemory(new string('x', size) + "\r\n"), "alice@example.com", to) with { Id = _ids.Next(), ReceivedAt = DateTimeOffset.UtcNow };
        EnqueueResult result = await queue.EnqueueAsync(envelope, CancellationToken.None);
        envelope.Content.Release();
        Assert.Equal(250, result.Reply.Code);
    }

    // An outcome is recorded a moment after the attempt.
    private static async Task WaitForEmptyAsync(RedisStorage storage)
    {
        using var end = new CancellationTokenSource(Patience);
        while (await CountAsync(storage, end.Token) > 0)
            await Task.Delay(20, end.Token);
    }

    private static async Task<int> CountAsync(RedisStorage storage, CancellationToken cancellationToken)
    {
        int count = 0;
        await foreach (QueueEntry _ in storage.LoadAsync(cancellationToken))
            count++;
        return count;
    }
}
