using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;

namespace SlimtaFast.Queue.Tests.Administration;

/// <summary>Items that an operator sends by another way than their recipients' domain has.</summary>
public class RerouteTests
{
    private const string Backup = "backup.internal";

    private static readonly TimeSpan Long = TimeSpan.FromDays(30);

    [Fact]
    public void Waiting_item_goes_the_other_way_now_and_its_envelope_stays()
    {
        using var fixture = Deferring();
        QueueId id = Enqueue(fixture, "bob@example.org");
        Assert.Equal(OrderOutcome.Done, fixture.Order(QueueAction.Reroute, id, "Backup.INTERNAL"));
        Assert.Equal(2, fixture.Relay.Attempts.Count);
        ScriptedRelay.Attempt last = fixture.Relay.Attempts[^1];
        Assert.Equal((Backup, "bob@example.org", 2), (last.Made.RoutingDomain, last.To, last.Made.Number));
        Assert.Null(fixture.Relay.Attempts[0].Made.RoutingDomain);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Item_goes_the_same_way_at_all_later_attempts_after_a_restart_and_back_when_it_is_told_to()
    {
        using var fixture = Deferring(backupToo: true);
        QueueId id = Enqueue(fixture, "bob@example.org");
        fixture.Order(QueueAction.Reroute, id, Backup);
        fixture.Advance(TimeSpan.FromMinutes(10));
        fixture.Restart();
        fixture.Advance(TimeSpan.FromMinutes(40));
        Assert.True(fixture.Relay.Attempts.Count > 3);
        Assert.All(fixture.Relay.Attempts.Skip(1), static attempt => Assert.Equal(Backup, attempt.Made.RoutingDomain));
        ItemDetails details = fixture.Find(id);
        Assert.Equal((Backup, Backup, "example.org"), (details.Item.NextHop, details.Item.State.RoutingDomain, details.Item.Envelope.Domain));

        int before = fixture.Relay.Attempts.Count;
        Assert.Equal(OrderOutcome.Unchanged, fixture.Order(QueueAction.Reroute, id, Backup));
        Assert.Equal(OrderOutcome.Done, fixture.Order(QueueAction.Reroute, id));
        Assert.Equal(OrderOutcome.Unchanged, fixture.Order(QueueAction.Reroute, id));
        Assert.Equal(OrderOutcome.Unchanged, fixture.Order(QueueAction.Reroute, id, "example.org"));
        Assert.Equal(before + 1, fixture.Relay.Attempts.Count);
        Assert.Equal(("example.org", "example.org"), (fixture.Relay.Attempts[^1].Made.RoutingDomain, fixture.Find(id).Item.NextHop));
        fixture.Restart();
        Assert.Equal("example.org", fixture.Find(id).Item.NextHop);
    }

    [Fact]
    public void Item_that_never_went_another_way_is_unchanged_by_being_sent_back()
    {
        using var fixture = Deferring();
        QueueId id = Enqueue(fixture, "bob@example.org");
        Assert.Equal(OrderOutcome.Unchanged, fixture.Order(QueueAction.Reroute, id));
        Assert.Null(fixture.Find(id).Item.State.RoutingDomain);
        Assert.Single(fixture.Relay.Attempts);
    }

    [Fact]
    public void Items_that_wait_for_a_hop_that_is_down_leave_it()
    {
        using var fixture = new QueueFixture(new MailQueueOptions { HostName = "mx.example.org", HopInitialAttempts = 1, HopMaxAttempts = 1 });
        fixture.Relay.Script = static (_, attempt) => attempt.RoutingDomain is null ? Replies.Down(attempt) : Replies.Delivered(attempt);
        QueueId[] ids = [.. Enumerable.Range(0, 20).Select(i => Enqueue(fixture, $"u{i}@dead.example"))];
        Assert.Equal((1, 20), (fixture.Snapshot.SuspendedHops, fixture.Snapshot.Ready));
        Assert.Equal(1, fixture.Snapshot.Domains);
        int before = fixture.Relay.Attempts.Count;
        QueueOrderResult result = fixture.Ask(desk => desk.OrderAsync(
            new QueueOrder(QueueAction.Reroute, "the test") { Filter = new QueueFilter { NextHop = "dead.example" }, RoutingDomain = Backup }));
        Assert.Equal(20, result.Items.Count(static item => item.Outcome == OrderOutcome.Done));
        Assert.Equal(ids.Length, fixture.Relay.Attempts.Count - before);
        Assert.Empty(fixture.Storage.Items());
        Assert.Equal((0, 0, 0), (fixture.Snapshot.Ready, fixture.Snapshot.Waiting, fixture.Snapshot.Domains));
    }

    [Fact]
    public void Item_that_waits_in_memory_for_its_turn_leaves_its_hop_and_its_content_is_read_back()
    {
        using var fixture = new QueueFixture(new MailQueueOptions { HostName = "mx.example.org", HopInitialAttempts = 1, HopMaxAttempts = 1 });
        fixture.Relay.Holds = true;
        fixture.Enqueue("first@one.example");
        Envelope[] envelopes = [.. Enumerable.Range(0, 4).Select(i => fixture.Envelope(to: $"u{i}@one.example"))];
        foreach (Envelope envelope in envelopes)
            fixture.Enqueue(envelope);
        Assert.Equal(OrderOutcome.Done, fixture.Order(QueueAction.Reroute, envelopes[2].Id, Backup));
        Assert.Equal(["first", "u2"], fixture.Relay.Waiting.Select(static attempt => attempt.To.Split('@')[0]));
        fixture.Relay.Holds = false;
        fixture.Finish(1);
        fixture.Finish();
        Assert.Equal(["first", "u2", "u0", "u1", "u3"], fixture.Relay.Attempts.Select(static attempt => attempt.To.Split('@')[0]));
        Assert.Equal(1, fixture.Relay.MostAtOnce[Backup]);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Held_item_stays_held_and_goes_the_other_way_once_it_is_released()
    {
        using var fixture = Deferring();
        QueueId id = Enqueue(fixture, "bob@example.org");
        fixture.Order(QueueAction.Hold, id);
        Assert.Equal(OrderOutcome.Done, fixture.Order(QueueAction.Reroute, id, Backup));
        fixture.Flush();
        fixture.Advance(Long);
        fixture.Restart();
        Assert.Single(fixture.Relay.Attempts);
        Assert.Equal(WaitReason.HeldByOperator, fixture.Find(id).Wait.Reason);
        Assert.Equal(OrderOutcome.Done, fixture.Order(QueueAction.Release, id));
        Assert.Equal(Backup, fixture.Relay.Attempts[^1].Made.RoutingDomain);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Item_that_its_sender_had_held_stays_so()
    {
        using var fixture = new QueueFixture();
        DateTimeOffset until = fixture.Time.GetUtcNow().AddDays(1);
        Envelope envelope = fixture.Envelope(to: "bob@example.org") with { Terms = new DeliveryTerms { HoldUntil = until } };
        fixture.Enqueue(envelope);
        Assert.Equal(OrderOutcome.Done, fixture.Order(QueueAction.Reroute, envelope.Id, Backup));
        ItemDetails details = fixture.Find(envelope.Id);
        Assert.Equal((WaitReason.HeldForSender, (DateTimeOffset?)until), (details.Wait.Reason, details.Wait.Until));
        fixture.Flush();
        Assert.Empty(fixture.Relay.Attempts);
        fixture.Advance(TimeSpan.FromDays(1.01));
        Assert.Equal(Backup, Assert.Single(fixture.Relay.Attempts).Made.RoutingDomain);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Notice_of_a_missed_deadline_goes_out_once_whichever_way_the_item_goes(bool missedBefore)
    {
        using var fixture = new QueueFixture(new MailQueueOptions { HostName = "mx.example.org", DelayNotice = TimeSpan.FromDays(1) });
        fixture.Relay.Script = static (envelope, attempt) => envelope.ReversePath.IsNull ? Replies.Delivered(attempt) : Replies.All(attempt, Replies.Later);
        Envelope envelope = fixture.Envelope(to: "bob@example.org") with { Terms = new DeliveryTerms { By = new DeliverBy(fixture.Time.GetUtcNow().AddMinutes(30), DeliverByMode.Notify) } };
        fixture.Enqueue(envelope);
        if (missedBefore)
            fixture.Advance(TimeSpan.FromHours(1));
        Assert.Equal(OrderOutcome.Done, fixture.Order(QueueAction.Reroute, envelope.Id, Backup));
        fixture.Advance(TimeSpan.FromHours(3));
        Assert.Equal(OrderOutcome.Done, fixture.Order(QueueAction.Reroute, envelope.Id));
        fixture.Advance(TimeSpan.FromHours(3));
        Assert.Equal(1, fixture.Relay.Attempts.Count(static attempt => attempt.Envelope.ReversePath.IsNull));
    }

    [Fact]
    public void Report_of_an_item_that_went_another_way_goes_to_its_sender_by_the_usual_one()
    {
        using var fixture = Deferring();
        QueueId id = Enqueue(fixture, "bob@example.org");
        fixture.Relay.Script = static (_, attempt) => attempt.RoutingDomain is null ? Replies.Delivered(attempt) : Replies.All(attempt, Replies.Never);
        fixture.Order(QueueAction.Reroute, id, Backup);
        ScriptedRelay.Attempt report = fixture.Relay.Attempts[^1];
        Assert.Equal((null, "alice@example.com"), (report.Made.RoutingDomain, report.To));
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Filter_by_domain_means_the_recipients_whichever_way_an_item_goes()
    {
        using var fixture = Deferring(backupToo: true);
        QueueId rerouted = Enqueue(fixture, "u1@a.example"), plain = Enqueue(fixture, "u2@a.example"), other = Enqueue(fixture, "u3@b.example");
        fixture.Order(QueueAction.Reroute, rerouted, "b.example");
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(new[] { rerouted, plain }.Order(), Find(new QueueFilter { Domain = "A.example" }));
            Assert.Equal([other], Find(new QueueFilter { Domain = "b.example" }));
            Assert.Equal(new[] { rerouted, other }.Order(), Find(new QueueFilter { NextHop = "b.example" }));
            fixture.Restart();
        }

        IEnumerable<QueueId> Find(QueueFilter filter) => fixture.Search(filter).Items.Select(static item => item.Id).Order();
    }

    [Theory]
    [InlineData("")]
    [InlineData("-->")]
    [InlineData("a..example")]
    [InlineData("bob@example.org")]
    [InlineData("[10.0.0]")]
    [InlineData("smtp://10.0.0.1:25")]
    public void Way_that_is_no_domain_is_refused_in_words(string to)
    {
        using var fixture = Deferring();
        QueueId id = Enqueue(fixture, "bob@example.org");
        Assert.Contains("domain name or an address literal", Assert.Throws<QueueDeskException>(() => fixture.Order(QueueAction.Reroute, id, to)).Message, StringComparison.Ordinal);
        Assert.Throws<QueueDeskException>(() => fixture.Order(QueueAction.Retry, id, Backup));
        Assert.Null(fixture.Find(id).Item.State.RoutingDomain);
        Assert.Single(fixture.Relay.Attempts);
    }

    [Fact]
    public void Order_that_the_storage_does_not_take_leaves_the_item_on_its_way_until_it_does()
    {
        using var fixture = Deferring();
        QueueId id = Enqueue(fixture, "bob@example.org");
        fixture.Storage.Fails = static operation => operation == "update" ? Storage.StorageFailure.Unavailable : null;
        fixture.Context.Post(_ => _ = fixture.Queue.Desk.OrderAsync(new QueueOrder(QueueAction.Reroute, "the test") { Ids = [id], RoutingDomain = Backup }), null);
        fixture.Context.Drain();
        fixture.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(Assert.Single(fixture.Storage.Items()).State.RoutingDomain);
        Assert.Single(fixture.Relay.Attempts);
        fixture.Storage.Fails = static _ => null;
        fixture.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(Backup, Assert.Single(fixture.Storage.Items()).State.RoutingDomain);

        // Due already: the timer rings as soon as the clock goes on.
        fixture.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((2, Backup), (fixture.Relay.Attempts.Count, fixture.Relay.Attempts[^1].Made.RoutingDomain));
    }

    private static QueueFixture Deferring(bool backupToo = false)
    {
        var fixture = new QueueFixture();
        fixture.Relay.Script = (_, attempt) => attempt.RoutingDomain is null || backupToo ? Replies.All(attempt, Replies.Later) : Replies.Delivered(attempt);
        return fixture;
    }

    private static QueueId Enqueue(QueueFixture fixture, string to)
    {
        Envelope envelope = fixture.Envelope(to: to);
        fixture.Enqueue(envelope);
        return envelope.Id;
    }
}
