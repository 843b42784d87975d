using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Tests.Administration;

public class OrderTests
{
    private static readonly TimeSpan Long = TimeSpan.FromDays(30);

    [Fact]
    public void Retry_attempts_now_and_writes_nothing_beforehand()
    {
        using var fixture = new QueueFixture();
        QueueId id = Defer(fixture, "bob@example.org");
        fixture.Storage.Done.Clear();
        Assert.Equal(OrderOutcome.Done, fixture.Order(QueueAction.Retry, id));
        Assert.Equal(2, fixture.Relay.Attempts.Count);
        Assert.Equal(["read", "update"], fixture.Storage.Done);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Retry_tries_a_hop_that_is_down()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => Replies.Down(attempt);
        QueueId id = Enqueue(fixture, "bob@example.org");
        Assert.Equal(1, fixture.Snapshot.SuspendedHops);
        fixture.Relay.Script = static (_, attempt) => Replies.Delivered(attempt);
        Assert.Equal(OrderOutcome.Done, fixture.Order(QueueAction.Retry, id));
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Held_item_is_attempted_neither_by_time_nor_flush_nor_after_a_restart_until_it_is_released()
    {
        using var fixture = new QueueFixture();
        QueueId id = Defer(fixture, "bob@example.org");
        Assert.Equal(OrderOutcome.Done, fixture.Order(QueueAction.Hold, id));
        Assert.Equal(OrderOutcome.Unchanged, fixture.Order(QueueAction.Hold, id));
        Assert.Equal(OrderOutcome.Held, fixture.Order(QueueAction.Retry, id));
        Assert.Equal(WaitReason.HeldByOperator, fixture.Find(id).Wait.Reason);
        fixture.Flush();
        fixture.Advance(Long);
        fixture.Restart();
        fixture.Flush();
        fixture.Advance(Long);
        Assert.Single(fixture.Relay.Attempts);
        Assert.Equal(WaitReason.HeldByOperator, fixture.Find(id).Wait.Reason);
        Assert.Equal(OrderOutcome.Done, fixture.Order(QueueAction.Release, id));
        Assert.Equal(2, fixture.Relay.Attempts.Count);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Released_item_goes_on_after_a_restart_as_any_other()
    {
        using var fixture = new QueueFixture();
        QueueId id = Defer(fixture, "bob@example.org");
        fixture.Order(QueueAction.Hold, id);
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Later);
        fixture.Order(QueueAction.Release, id);
        Assert.Equal(2, fixture.Relay.Attempts.Count);
        fixture.Restart();
        fixture.Relay.Script = static (_, attempt) => Replies.Delivered(attempt);
        fixture.Advance(TimeSpan.FromMinutes(10));
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Item_that_its_sender_had_held_can_be_released()
    {
        using var fixture = new QueueFixture();
        Envelope envelope = fixture.Envelope(to: "bob@example.org") with { Terms = new DeliveryTerms { HoldUntil = fixture.Time.GetUtcNow().AddDays(1) } };
        fixture.Enqueue(envelope);
        ItemDetails details = fixture.Find(envelope.Id);
        Assert.Equal((WaitReason.HeldForSender, envelope.Terms!.HoldUntil), (details.Wait.Reason, details.Wait.Until));
        Assert.Equal(OrderOutcome.Done, fixture.Order(QueueAction.Release, envelope.Id));
        Assert.Single(fixture.Relay.Attempts);
    }

    [Fact]
    public void Only_held_items_are_released()
    {
        using var fixture = new QueueFixture();
        QueueId id = Defer(fixture, "bob@example.org");
        Assert.Equal(OrderOutcome.Unchanged, fixture.Order(QueueAction.Release, id));
        Assert.Single(fixture.Relay.Attempts);
        Assert.Equal(1, fixture.Snapshot.Waiting);
    }

    [Fact]
    public void Removed_item_is_gone_and_nobody_is_told()
    {
        using var fixture = new QueueFixture();
        QueueId id = Defer(fixture, "bob@example.org");
        Assert.Equal(OrderOutcome.Done, fixture.Order(QueueAction.Remove, id));
        Assert.Empty(fixture.Storage.Items());
        Assert.Equal((0, 0, 0), (fixture.Snapshot.Waiting, fixture.Snapshot.Ready, fixture.Snapshot.Domains));
        fixture.Restart();
        fixture.Advance(Long);
        Assert.Single(fixture.Relay.Attempts);
        Assert.Equal(OrderOutcome.NotFound, fixture.Order(QueueAction.Remove, id));
    }

    [Fact]
    public void Bounced_item_is_closed_and_reported_in_one_commit()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => Replies.ByName(attempt);
        Envelope envelope = fixture.Envelope("alice@example.com", "ok@d.example", "later@d.example");
        fixture.Enqueue(envelope);
        fixture.Relay.Holds = true;
        fixture.Storage.Done.Clear();
        Assert.Equal(OrderOutcome.Done, fixture.Order(QueueAction.Bounce, envelope.Id));
        Assert.Equal(["read", "update"], fixture.Storage.Done);
        QueueItem report = Assert.Single(fixture.Storage.Items());
        Assert.True(report.Envelope.ReversePath.IsNull);
        string text = System.Text.Encoding.UTF8.GetString(fixture.Relay.Attempts[^1].Bytes);
        Assert.Contains("Final-Recipient: rfc822; later@d.example", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Final-Recipient: rfc822; ok@d.example", text, StringComparison.Ordinal);
        Assert.Contains("cancelled by the administrator", text.ReplaceLineEndings("").Replace("  ", " ", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal("alice@example.com", fixture.Relay.Attempts[^1].To);
    }

    [Fact]
    public void Report_of_a_bounced_item_is_not_sent_to_whom_does_not_want_one()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Later);
        Envelope envelope = fixture.Envelope(to: "bob@example.org");
        envelope = envelope with { Recipients = [envelope.Recipients[0] with { Notify = DsnNotify.Never }] };
        fixture.Enqueue(envelope);
        Assert.Equal(OrderOutcome.Done, fixture.Order(QueueAction.Bounce, envelope.Id));
        Assert.Empty(fixture.Storage.Items());
    }

    [Theory]
    [InlineData(QueueAction.Hold)]
    [InlineData(QueueAction.Remove)]
    [InlineData(QueueAction.Bounce)]
    [InlineData(QueueAction.Retry)]
    [InlineData(QueueAction.Reroute)]
    public void Item_that_is_attempted_or_recorded_is_busy(QueueAction action)
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Holds = true;
        fixture.Storage.HoldsUpdates = true;
        QueueId id = Enqueue(fixture, "bob@example.org");
        Assert.Equal(OrderOutcome.Busy, fixture.Order(action, id));
        fixture.Finish();
        Assert.Equal(OrderOutcome.Busy, fixture.Order(action, id));
        fixture.Storage.HoldsUpdates = false;
        fixture.Storage.Release();
        fixture.Context.Drain();
        Assert.Empty(fixture.Storage.Items());
        Assert.Single(fixture.Relay.Attempts);
    }

    [Fact]
    public async Task Order_that_the_storage_does_not_confirm_is_pending_and_done_later()
    {
        using var fixture = new QueueFixture();
        QueueId id = Defer(fixture, "bob@example.org");
        fixture.Storage.Fails = static operation => operation == "update" ? StorageFailure.Unavailable : null;
        Task<QueueOrderResult>? ordered = null;
        fixture.Context.Post(_ => ordered = fixture.Queue.Desk.OrderAsync(new QueueOrder(QueueAction.Bounce, "the test") { Ids = [id] }), null);
        fixture.Context.Drain();
        Assert.False(ordered!.IsCompleted);
        Assert.Equal(OrderOutcome.Busy, fixture.Order(QueueAction.Remove, id));
        fixture.Advance(TimeSpan.FromSeconds(10.1));
        Assert.True(ordered.IsCompleted);
        Assert.Equal(OrderOutcome.Pending, (await ordered).Items[0].Outcome);
        Assert.Equal(id, Assert.Single(fixture.Storage.Items()).Envelope.Id);
        fixture.Storage.Fails = static _ => null;
        fixture.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("alice@example.com", fixture.Relay.Attempts[^1].To);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Item_that_cannot_be_read_is_where_it_was()
    {
        using var fixture = new QueueFixture();
        QueueId id = Defer(fixture, "bob@example.org");
        fixture.Storage.Fails = static operation => operation == "read" ? StorageFailure.Unavailable : null;
        Assert.Equal(OrderOutcome.Failed, fixture.Order(QueueAction.Remove, id));
        fixture.Storage.Fails = static _ => null;
        Assert.Equal(1, fixture.Snapshot.Waiting);
        fixture.Advance(TimeSpan.FromSeconds(58));
        Assert.Single(fixture.Relay.Attempts);
        fixture.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(2, fixture.Relay.Attempts.Count);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Item_that_waits_in_memory_for_its_hop_is_taken_out_and_its_content_freed()
    {
        using var fixture = new QueueFixture(new MailQueueOptions { HostName = "mx.example.org", HopInitialAttempts = 1, HopMaxAttempts = 1 });
        fixture.Relay.Holds = true;
        fixture.Enqueue("first@one.example");
        Envelope[] envelopes = [.. Enumerable.Range(0, 5).Select(i => fixture.Envelope(to: $"u{i}@one.example"))];
        foreach (Envelope envelope in envelopes)
            fixture.Enqueue(envelope);
        Assert.Equal(OrderOutcome.Done, fixture.Order(QueueAction.Remove, envelopes[2].Id));
        Assert.False(envelopes[2].Content.TryRetain());
        fixture.Relay.Holds = false;
        fixture.Finish();
        Assert.Equal(["first", "u0", "u1", "u3", "u4"], fixture.Relay.Attempts.Select(static attempt => attempt.To.Split('@')[0]));
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Order_is_not_for_the_reports_that_it_makes()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Later);
        for (int i = 0; i < 5; i++)
            fixture.Enqueue($"u{i}@one.example");
        string? cursor = null;
        int done = 0;
        do
        {
            QueueOrderResult result = fixture.Ask(desk => desk.OrderAsync(new QueueOrder(QueueAction.Bounce, "the test") { Filter = new QueueFilter(), Cursor = cursor, Most = 1 }));
            done += result.Items.Count;
            cursor = result.Next;
        }
        while (cursor is not null);
        Assert.Equal(5, done);
        Assert.Equal(5, fixture.Storage.Items().Count);
        Assert.All(fixture.Storage.Items(), static item => Assert.True(item.Envelope.ReversePath.IsNull));
    }

    [Fact]
    public void Order_by_filter_goes_on_where_it_ended()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Later);
        for (int i = 0; i < 700; i++)
            fixture.Enqueue($"u{i}@d{i % 2}.example");
        string? cursor = null;
        int done = 0, calls = 0;
        do
        {
            QueueOrderResult result = fixture.Ask(desk => desk.OrderAsync(new QueueOrder(QueueAction.Remove, "the test") { Filter = new QueueFilter { Domain = "d1.example" }, Cursor = cursor, Most = 100 }));
            Assert.All(result.Items, static item => Assert.Equal(OrderOutcome.Done, item.Outcome));
            done += result.Items.Count;
            cursor = result.Next;
            calls++;
        }
        while (cursor is not null);
        Assert.Equal((350, 4), (done, calls));
        Assert.Equal(350, fixture.Storage.Items().Count);
        Assert.All(fixture.Storage.Items(), static item => Assert.Equal("d0.example", item.Envelope.Domain));
        fixture.Relay.Script = static (_, attempt) => Replies.Delivered(attempt);
        fixture.Advance(TimeSpan.FromMinutes(2));
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Order_names_each_id_although_it_is_unknown_or_given_twice()
    {
        using var fixture = new QueueFixture();
        QueueId id = Defer(fixture, "bob@example.org"), unknown = fixture.Ids.Next();
        QueueOrderResult result = fixture.Ask(desk => desk.OrderAsync(new QueueOrder(QueueAction.Remove, "the test") { Ids = [id, unknown, id] }));
        Assert.Equal([new OrderedItem(id, OrderOutcome.Done), new OrderedItem(unknown, OrderOutcome.NotFound), new OrderedItem(id, OrderOutcome.Done)], result.Items);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    public void Notice_of_a_missed_deadline_goes_out_once_whether_it_was_missed_before_or_while_being_held(bool before, int notices)
    {
        using var fixture = new QueueFixture(new MailQueueOptions { HostName = "mx.example.org", DelayNotice = TimeSpan.FromDays(1) });
        fixture.Relay.Script = static (envelope, attempt) => envelope.ReversePath.IsNull ? Replies.Delivered(attempt) : Replies.All(attempt, Replies.Later);
        Envelope envelope = fixture.Envelope(to: "bob@example.org") with { Terms = new DeliveryTerms { By = new DeliverBy(fixture.Time.GetUtcNow().AddMinutes(30), DeliverByMode.Notify) } };
        fixture.Enqueue(envelope);
        if (before)
            fixture.Advance(TimeSpan.FromHours(1));
        Assert.Equal(OrderOutcome.Done, fixture.Order(QueueAction.Hold, envelope.Id));
        fixture.Advance(TimeSpan.FromHours(2));
        fixture.Order(QueueAction.Release, envelope.Id);
        fixture.Advance(TimeSpan.FromHours(3));
        Assert.Equal(notices, fixture.Relay.Attempts.Count(static attempt => attempt.Envelope.ReversePath.IsNull));
    }

    [Fact]
    public void Orders_are_logged_with_who_asked()
    {
        var log = new KeptLog();
        using var fixture = new QueueFixture(logger: log);
        QueueId id = Defer(fixture, "bob@example.org");
        fixture.Order(QueueAction.Remove, id);
        Assert.Contains(log.Lines, line => line.Contains($"{id} Remove by order of the test", StringComparison.Ordinal));
    }

    private sealed class KeptLog : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }

    private static QueueId Enqueue(QueueFixture fixture, string to)
    {
        Envelope envelope = fixture.Envelope(to: to);
        fixture.Enqueue(envelope);
        return envelope.Id;
    }

    private static QueueId Defer(QueueFixture fixture, string to)
    {
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Later);
        QueueId id = Enqueue(fixture, to);
        fixture.Relay.Script = static (_, attempt) => Replies.Delivered(attempt);
        return id;
    }
}
