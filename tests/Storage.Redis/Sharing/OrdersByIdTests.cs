using System.Diagnostics.CodeAnalysis;
using SlimtaFast.Mail;
using SlimtaFast.Queue;
using SlimtaFast.Relay;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Redis.Tests.Sharing;

/// <summary>What operators do by their ids with messages that no process has, on a real Redis with several queues.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The test framework calls DisposeAsync.")]
public sealed class OrdersByIdTests(RedisFixture fixture) : IClassFixture<RedisFixture>, IAsyncLifetime
{
    private const string Backup = "backup.internal";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly QueueIdGenerator _ids = new(TimeProvider.System);
    private readonly WatchfulRelay _relay = new();
    private readonly List<IAsyncDisposable> _open = [];
    private RedisStorageOptions _place = null!;
    private int _isUp;

    /// <inheritdoc/>
    public Task InitializeAsync()
    {
        if (fixture.Redis is not null)
            _place = fixture.NewPlace();
        _relay.Script = (_, attempt, _) => Task.FromResult(Volatile.Read(ref _isUp) != 0 || attempt.RoutingDomain is not null ? WatchfulRelay.Deliver(attempt) : Later(attempt));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        await CloseAsync();
        await _relay.DisposeAsync();
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Message_that_waits_is_shown_and_tried_by_a_process_that_does_not_have_it()
    {
        MailQueue first = await OpenAsync(), second = await OpenAsync();
        QueueId id = await DeferAsync(first);
        ItemDetails shown = (await second.Desk.FindAsync(id))!;
        Assert.Equal((QueuePlace.Waiting, WaitReason.NotDue), (shown.Item.Place, shown.Wait.Reason));
        Assert.Equal(shown.Item.State.DueAt, shown.Wait.Until);
        Assert.Equal(1, shown.Item.State.Attempts);

        Volatile.Write(ref _isUp, 1);
        Assert.Equal(OrderOutcome.Done, await OrderAsync(second, QueueAction.Retry, id));
        await AssertDeliveredOnceAsync(id, attempts: 2);
        Assert.Null(await second.Desk.FindAsync(id));
        Assert.Equal(OrderOutcome.NotFound, await OrderAsync(second, QueueAction.Retry, id));
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Retry_by_a_process_that_attempts_nothing_has_another_one_do_it()
    {
        MailQueue worker = await OpenAsync(), edge = await OpenAsync(static options => options with { Hold = true });
        QueueId id = await DeferAsync(worker);
        Volatile.Write(ref _isUp, 1);
        Assert.Equal(OrderOutcome.Done, await OrderAsync(edge, QueueAction.Retry, id));
        await AssertDeliveredOnceAsync(id, attempts: 2);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Held_message_survives_all_processes_and_the_set_of_due_times_until_it_is_released()
    {
        MailQueue first = await OpenAsync(), second = await OpenAsync();
        QueueId id = await DeferAsync(first);
        Volatile.Write(ref _isUp, 1);
        Assert.Equal(OrderOutcome.Done, await OrderAsync(second, QueueAction.Hold, id));
        Assert.Equal(OrderOutcome.Unchanged, await OrderAsync(first, QueueAction.Hold, id));
        Assert.Equal(OrderOutcome.Held, await OrderAsync(first, QueueAction.Retry, id));
        first.Flush();
        await CloseAsync();
        await fixture.Redis.RunAsync("del", _place.Prefix + "due");

        MailQueue third = await OpenAsync();
        ItemDetails shown = (await third.Desk.FindAsync(id))!;
        Assert.Equal((QueuePlace.Held, WaitReason.HeldByOperator), (shown.Item.Place, shown.Wait.Reason));

        // What is accepted and delivered later than that, by the same process, tells that it would have been its turn.
        QueueId other = await EnqueueAsync(third);
        await _relay.WaitAsync(() => _relay.Delivered.ContainsKey(other), Patience);
        Assert.False(_relay.Delivered.ContainsKey(id));
        Assert.Equal(OrderOutcome.Done, await OrderAsync(third, QueueAction.Release, id));
        await AssertDeliveredOnceAsync(id, attempts: 2);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Message_that_waits_is_rerouted_and_attempted_at_once()
    {
        MailQueue first = await OpenAsync(), second = await OpenAsync();
        QueueId id = await DeferAsync(first);
        var order = new QueueOrder(QueueAction.Reroute, "the test") { Ids = [id], RoutingDomain = Backup };
        Assert.Equal(OrderOutcome.Done, Assert.Single((await second.Desk.OrderAsync(order)).Items).Outcome);
        await AssertDeliveredOnceAsync(id, attempts: 2);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Message_that_waits_is_removed_or_reported_by_whoever_is_asked()
    {
        MailQueue worker = await OpenAsync(), edge = await OpenAsync(static options => options with { Hold = true });
        QueueId removed = await DeferAsync(worker), reported = await DeferAsync(worker);
        Volatile.Write(ref _isUp, 1);
        Assert.Equal(OrderOutcome.Done, await OrderAsync(edge, QueueAction.Remove, removed));
        Assert.Equal(OrderOutcome.Done, await OrderAsync(edge, QueueAction.Bounce, reported));

        // Nobody leases the report to a process that delivers nothing.
        await _relay.WaitAsync(() => _relay.Delivered.Count == 1, Patience);
        await WaitForEmptyAsync();
        Assert.DoesNotContain(_relay.Delivered.Keys, id => id == removed || id == reported);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Message_of_another_process_is_refused_as_such()
    {
        TaskCompletionSource gate = HoldAttempts();
        MailQueue first = await OpenAsync(), second = await OpenAsync();
        QueueId id = await EnqueueAsync(first);
        await _relay.WaitForAttemptAsync(Patience);
        foreach (QueueAction action in new[] { QueueAction.Retry, QueueAction.Hold, QueueAction.Release, QueueAction.Remove, QueueAction.Bounce })
        {
            Assert.Equal(OrderOutcome.Elsewhere, await OrderAsync(second, action, id));
            Assert.Equal(OrderOutcome.Busy, await OrderAsync(first, action, id));
        }

        ItemDetails shown = (await second.Desk.FindAsync(id))!;
        Assert.Equal((QueuePlace.Elsewhere, WaitReason.NotHere), (shown.Item.Place, shown.Wait.Reason));
        gate.SetResult();
        await AssertDeliveredOnceAsync(id, attempts: 1);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Message_that_waits_for_its_turn_is_held_by_its_own_process()
    {
        TaskCompletionSource gate = HoldAttempts();
        MailQueue first = await OpenAsync(RerouteTrial.OneAtATime);
        await EnqueueAsync(first);
        await _relay.WaitForAttemptAsync(Patience);
        QueueId id = await EnqueueAsync(first);
        using var end = new CancellationTokenSource(Patience);
        while (await OrderAsync(first, QueueAction.Hold, id) != OrderOutcome.Done)
            end.Token.ThrowIfCancellationRequested();
        gate.SetResult();
        await _relay.WaitAsync(() => _relay.Delivered.Count == 1, Patience);
        Assert.Equal(0, first.GetSnapshot().Ready);
        Assert.Equal(OrderOutcome.Done, await OrderAsync(await OpenAsync(), QueueAction.Release, id));
        await AssertDeliveredOnceAsync(id, attempts: 1);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Order_that_changes_nothing_leaves_a_message_to_its_time()
    {
        MailQueue first = await OpenAsync(), second = await OpenAsync();
        QueueId id = await DeferAsync(first);
        DateTimeOffset due = (await second.Desk.FindAsync(id))!.Item.State.DueAt;
        string score = await fixture.Redis.RunAsync("zscore", _place.Prefix + "due", id.ToString());
        Assert.Equal(OrderOutcome.Unchanged, await OrderAsync(second, QueueAction.Release, id));
        Assert.Equal(score, await fixture.Redis.RunAsync("zscore", _place.Prefix + "due", id.ToString()));
        Assert.Equal(due, (await second.Desk.FindAsync(id))!.Item.State.DueAt);
        Assert.Equal(0, second.GetSnapshot().Ready + second.GetSnapshot().Waiting);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task What_is_in_nobodys_hands_is_found_by_a_filter_and_ordered_about()
    {
        MailQueue first = await OpenAsync(), second = await OpenAsync();
        QueueId[] ids = [await DeferAsync(first), await DeferAsync(second), await DeferAsync(first)];
        Assert.Equal(OrderOutcome.Done, await OrderAsync(first, QueueAction.Hold, ids[1]));
        Assert.Equal(ids.Order(), (await SearchAsync(second, new QueueFilter())).Select(static item => item.Id).Order());
        ListedItem held = Assert.Single(await SearchAsync(second, new QueueFilter { Place = QueuePlace.Held }));
        Assert.Equal((ids[1], WaitReason.HeldByOperator), (held.Id, held.Wait!.Reason));
        Assert.Equal([ids[0], ids[2]], (await SearchAsync(second, new QueueFilter { Place = QueuePlace.Waiting, Recipient = new AddressFilter("HOST.example", AddressMatch.Domain), LeastAttempts = 1 })).Select(static item => item.Id).Order());
        foreach (QueueFilter other in new QueueFilter[] { new() { Place = QueuePlace.Elsewhere }, new() { Place = QueuePlace.Ready }, new() { Sender = new AddressFilter("bob@", AddressMatch.Contains) }, new() { LeastAttempts = 2 }, new() { Domain = "other.example" }, new() { NextHop = "other" }, new() { OlderThan = TimeSpan.FromHours(1) } })
            Assert.Empty(await SearchAsync(second, other));
        Assert.False((await second.Desk.SearchAsync(new QueueFilter())).OnlyThisProcess);
        Assert.True((await second.Desk.SearchAsync(new QueueFilter { Place = QueuePlace.Ready })).OnlyThisProcess);

        Volatile.Write(ref _isUp, 1);
        QueueOrderResult released = await second.Desk.OrderAsync(new QueueOrder(QueueAction.Release, "the test") { Filter = new QueueFilter { Place = QueuePlace.Held } });
        Assert.Equal(new OrderedItem(ids[1], OrderOutcome.Done), Assert.Single(released.Items));
        QueueOrderResult retried = await second.Desk.OrderAsync(new QueueOrder(QueueAction.Retry, "the test") { Filter = new QueueFilter { Place = QueuePlace.Waiting } });
        Assert.Equal([ids[0], ids[2]], retried.Items.Where(static item => item.Outcome == OrderOutcome.Done).Select(static item => item.Id).Order());
        foreach (QueueId id in ids)
            await AssertDeliveredOnceAsync(id, attempts: 2);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Item_of_another_process_is_listed_as_elsewhere()
    {
        TaskCompletionSource gate = HoldAttempts();
        MailQueue first = await OpenAsync(), second = await OpenAsync();
        QueueId id = await EnqueueAsync(first);
        await _relay.WaitForAttemptAsync(Patience);
        Assert.Equal((id, QueuePlace.Elsewhere), await OnlyAsync(second, QueuePlace.Elsewhere));
        Assert.Equal((id, QueuePlace.Attempting), await OnlyAsync(first, null));
        Assert.Equal((id, QueuePlace.Attempting), await OnlyAsync(first, QueuePlace.Attempting));
        Assert.Empty(await SearchAsync(first, new QueueFilter { Place = QueuePlace.Elsewhere }));
        QueueOrderResult refused = await second.Desk.OrderAsync(new QueueOrder(QueueAction.Remove, "the test") { Filter = new QueueFilter() });
        Assert.Equal(new OrderedItem(id, OrderOutcome.Elsewhere), Assert.Single(refused.Items));
        await Assert.ThrowsAsync<QueueDeskException>(async () => await first.Desk.SearchAsync(new QueueFilter(), "7-7"));
        gate.SetResult();
        await AssertDeliveredOnceAsync(id, attempts: 1);

        static async Task<(QueueId, QueuePlace)> OnlyAsync(MailQueue queue, QueuePlace? place)
        {
            ListedItem item = Assert.Single(await SearchAsync(queue, new QueueFilter { Place = place }));
            return (item.Id, item.Place);
        }
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Orders_of_several_operators_at_once_leave_each_message_to_one_attempt_at_a_time()
    {
        MailQueue[] queues = [await OpenAsync(), await OpenAsync(static options => options with { MaxLeased = 8 }), await OpenAsync(static options => options with { Hold = true })];
        const int Messages = 40;
        QueueId[] ids = await Task.WhenAll(Enumerable.Range(0, Messages).Select(i => EnqueueAsync(queues[i % 3])));
        await _relay.WaitAsync(() => _relay.Attempts.Count == Messages, Patience);
        QueueAction[] actions = [QueueAction.Hold, QueueAction.Retry, QueueAction.Release, QueueAction.Retry, QueueAction.Hold, QueueAction.Release];
        await Task.WhenAll(queues.Select((queue, number) => Task.Run(async () =>
        {
            for (int round = 0; round < 10; round++)
            {
                if (number == 0 && round == 5)
                    Volatile.Write(ref _isUp, 1);
                await queue.Desk.OrderAsync(new QueueOrder(actions[(round + number) % actions.Length], "the test") { Ids = ids });
            }
        })));

        // Whatever they left, it can be had.
        using var end = new CancellationTokenSource(Patience);
        while (_relay.Delivered.Count < Messages)
        {
            await queues[2].Desk.OrderAsync(new QueueOrder(QueueAction.Release, "the test") { Ids = ids }, end.Token);
            await queues[1].Desk.OrderAsync(new QueueOrder(QueueAction.Retry, "the test") { Ids = ids }, end.Token);
            end.Token.ThrowIfCancellationRequested();
        }

        await WaitForEmptyAsync();
        Assert.Empty(_relay.Overlaps);
        Assert.All(_relay.Delivered.Values, static count => Assert.Equal(1, count));
    }

    // None ends before the result is set; then each delivers.
    private TaskCompletionSource HoldAttempts()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _relay.Script = async (_, attempt, token) =>
        {
            await gate.Task.WaitAsync(token);
            return WatchfulRelay.Deliver(attempt);
        };
        return gate;
    }

    // Page by page, of few.
    private static async Task<List<ListedItem>> SearchAsync(MailQueue queue, QueueFilter filter)
    {
        List<ListedItem> found = [];
        string? cursor = null;
        do
        {
            ItemPage page = await queue.Desk.SearchAsync(filter, cursor, most: 2);
            found.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        return found;
    }

    private static DeliveryReport Later(DeliveryAttempt attempt) =>
        DeliveryReport.ForAll(attempt.Recipients.Count, new RecipientOutcome(OutcomeKind.Transient, new SmtpReply(451, "4.3.0", "Later")));

    private static async Task<OrderOutcome> OrderAsync(MailQueue queue, QueueAction action, QueueId id) =>
        Assert.Single((await queue.Desk.OrderAsync(new QueueOrder(action, "the test") { Ids = [id] })).Items).Outcome;

    // It was attempted once, and waits for an hour in nobody's hands.
    private async Task<QueueId> DeferAsync(MailQueue queue)
    {
        QueueId id = await EnqueueAsync(queue);
        using var end = new CancellationTokenSource(Patience);
        while (await fixture.Redis.RunAsync("hget", _place.Prefix + id, "attempts") != "1" || await fixture.Redis.RunAsync("hget", _place.Prefix + id, "leased") != "0" || queue.GetSnapshot().Recording > 0)
            await Task.Delay(10, end.Token);
        return id;
    }

    private async Task AssertDeliveredOnceAsync(QueueId id, int attempts)
    {
        await _relay.WaitAsync(() => _relay.Delivered.ContainsKey(id), Patience);
        await WaitForEmptyAsync();
        Assert.Equal(1, _relay.Delivered[id]);
        Assert.Equal(attempts, _relay.Attempts.Count(attempt => attempt.Id == id));
        Assert.Empty(_relay.Overlaps);
    }

    private async Task<MailQueue> OpenAsync(Func<MailQueueOptions, MailQueueOptions>? change = null)
    {
        RedisStorage storage = RedisFixture.Open(_place);
        _open.Add(storage);
        await storage.StartAsync(CancellationToken.None);
        await storage.Rebuilding;
        var options = new MailQueueOptions { HostName = "mx.example.org", Retry = new RetrySchedule([TimeSpan.FromHours(1)], repeatsLast: true, TimeSpan.FromDays(1)) };
        var queue = new MailQueue(storage, _relay, change is null ? options : change(options), []);
        _open.Add(queue);
        await queue.StartAsync(CancellationToken.None);
        return queue;
    }

    private async Task CloseAsync()
    {
        for (int i = _open.Count - 1; i >= 0; i--)
            await _open[i].DisposeAsync();
        _open.Clear();
    }

    private async Task<QueueId> EnqueueAsync(MailQueue queue)
    {
        Envelope envelope = Envelopes.Make(Contents.InMemory("Hello.\r\n"), "alice@example.com", "b@host.example") with { Id = _ids.Next(), ReceivedAt = DateTimeOffset.UtcNow };
        EnqueueResult result = await queue.EnqueueAsync(envelope, CancellationToken.None);
        envelope.Content.Release();
        Assert.Equal(250, result.Reply.Code);
        return envelope.Id;
    }

    // An outcome is recorded a moment after the attempt.
    private async Task WaitForEmptyAsync()
    {
        using var end = new CancellationTokenSource(Patience);
        while (await fixture.Redis.RunAsync("zcard", _place.Prefix + "due") != "0")
            await Task.Delay(20, end.Token);
    }
}
