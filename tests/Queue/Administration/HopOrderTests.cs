using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;

namespace SlimtaFast.Queue.Tests.Administration;

public class HopOrderTests
{
    private static readonly MailQueueOptions OneAtATime = new() { HostName = "mx.example.org", HopInitialAttempts = 1, HopMaxAttempts = 1 };

    [Fact]
    public void Hop_that_is_down_is_tried_now()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => Replies.Down(attempt);
        Envelope envelope = fixture.Envelope(to: "bob@example.org");
        fixture.Enqueue(envelope);
        ItemWait wait = fixture.Find(envelope.Id).Wait;
        Assert.Equal(WaitReason.HopSuspended, wait.Reason);
        Assert.Equal(fixture.Snapshot.Hops[0].SuspendedUntil, wait.Until);
        Assert.Equal(Replies.Unreachable.Reply, wait.HopTrouble);
        fixture.Relay.Script = static (_, attempt) => Replies.Delivered(attempt);
        Assert.True(fixture.Tell(static desk => desk.ResumeHop("example.org", "the test")));
        fixture.Context.Drain();
        Assert.Empty(fixture.Storage.Items());
        Assert.False(fixture.Tell(static desk => desk.ResumeHop("example.org", "the test")));
        Assert.Null(fixture.Tell(static desk => desk.ResumeHop("unknown.example", "the test")));
    }

    [Fact]
    public void Hop_suspended_by_an_operator_gets_nothing_until_it_is_resumed_whatever_happens()
    {
        using var fixture = new QueueFixture(OneAtATime);
        fixture.Relay.Holds = true;
        fixture.Enqueue("runs@example.org");
        Assert.True(fixture.Tell(static desk => desk.SuspendHop("example.org", "the test")));
        Assert.False(fixture.Tell(static desk => desk.SuspendHop("example.org", "the test")));
        Envelope envelope = fixture.Envelope(to: "waits@example.org");
        fixture.Enqueue(envelope);
        fixture.Finish();
        fixture.Flush();
        fixture.Order(QueueAction.Retry, envelope.Id);
        fixture.Advance(TimeSpan.FromHours(3));
        Assert.Single(fixture.Relay.Attempts);
        Assert.Equal(WaitReason.HopStopped, fixture.Find(envelope.Id).Wait.Reason);
        Assert.True(Assert.Single(fixture.Snapshot.Hops).IsStopped);
        fixture.Relay.Holds = false;
        Assert.True(fixture.Tell(static desk => desk.ResumeHop("example.org", "the test")));
        fixture.Context.Drain();
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Hop_can_be_suspended_before_anything_is_known_of_it()
    {
        using var fixture = new QueueFixture();
        Assert.True(fixture.Tell(static desk => desk.SuspendHop("example.org", "the test")));
        fixture.Enqueue("bob@example.org");
        Assert.Empty(fixture.Relay.Attempts);
        Assert.True(fixture.Tell(static desk => desk.ResumeHop("example.org", "the test")));
        fixture.Context.Drain();
        Assert.Single(fixture.Relay.Attempts);
    }

    [Fact]
    public void Mail_of_a_hop_suspended_by_an_operator_expires_nevertheless()
    {
        using var fixture = new QueueFixture();
        fixture.Tell(static desk => desk.SuspendHop("example.org", "the test"));
        fixture.Enqueue("bob@example.org");
        fixture.Flush();
        for (int i = 0; i < 24 * 6 && fixture.Relay.Attempts.Count == 0; i++)
            fixture.Advance(TimeSpan.FromHours(1));
        Assert.True(Assert.Single(fixture.Relay.Attempts).Envelope.ReversePath.IsNull);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Pause_starts_no_attempt_but_accepts_mail()
    {
        using var fixture = new QueueFixture();
        fixture.Tell(static desk => desk.Pause("the test"));
        Envelope envelope = fixture.Envelope(to: "bob@example.org");
        Assert.Equal(250, fixture.Enqueue(envelope).Reply.Code);
        fixture.Flush();
        fixture.Advance(TimeSpan.FromHours(1));
        Assert.Empty(fixture.Relay.Attempts);
        Assert.Equal(WaitReason.Paused, fixture.Find(envelope.Id).Wait.Reason);
        Assert.True(fixture.Queue.Desk.GetTotals().Paused);
        fixture.Tell(static desk => desk.Resume("the test"));
        fixture.Context.Drain();
        Assert.Single(fixture.Relay.Attempts);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Limit_that_binds_is_named()
    {
        using var fixture = new QueueFixture(OneAtATime with { MaxAttempts = 2 });
        fixture.Relay.Holds = true;
        Envelope[] envelopes = [.. new[] { "a@one.example", "b@one.example", "c@two.example", "d@three.example" }.Select(to => fixture.Envelope(to: to))];
        foreach (Envelope envelope in envelopes)
            fixture.Enqueue(envelope);
        Assert.Equal(
            [WaitReason.BeingAttempted, WaitReason.HopLimit, WaitReason.BeingAttempted, WaitReason.AttemptLimit],
            envelopes.Select(envelope => fixture.Find(envelope.Id).Wait.Reason));
        fixture.Relay.Holds = false;
        fixture.Relay.FinishAll();
        fixture.Context.Drain();
    }

    [Fact]
    public void Attempts_at_what_was_deferred_are_remembered_until_it_is_gone()
    {
        using var fixture = new QueueFixture(new MailQueueOptions { HostName = "mx.example.org", RememberedAttempts = 3 });
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Later with { Tls = "TLSv1.3" });
        Envelope envelope = fixture.Envelope(to: "bob@example.org");
        fixture.Enqueue(envelope);
        fixture.Order(QueueAction.Retry, envelope.Id);
        IReadOnlyList<PastAttempt> attempts = fixture.Find(envelope.Id).Attempts;
        Assert.Equal([1, 2], attempts.Select(static attempt => attempt.Number));
        Assert.All(attempts, static attempt => Assert.Equal(("example.org", 1, Replies.Later.Reply, "TLSv1.3"), (attempt.NextHop, attempt.Deferred, attempt.First.Reply, attempt.First.Tls)));
        fixture.Enqueue("x@two.example");
        fixture.Enqueue("y@two.example");
        Assert.Equal([2], fixture.Find(envelope.Id).Attempts.Select(static attempt => attempt.Number));
    }

    [Fact]
    public void Busiest_hops_come_first_and_the_others_are_counted()
    {
        using var fixture = new QueueFixture();
        fixture.Tell(static desk => { desk.Pause("the test"); return true; });
        for (int i = 0; i < 5; i++)
        {
            for (int k = 0; k <= i; k++)
                fixture.Enqueue($"u{k}@d{i}.example");
        }

        fixture.Tell(static desk => desk.SuspendHop("idle.example", "the test"));
        (IReadOnlyList<HopSnapshot> hops, int others) = fixture.Tell(static desk => (desk.FindBusiestHops(3, out int left), left));
        Assert.Equal([("d4.example", 5), ("d3.example", 4), ("d2.example", 3)], hops.Select(static hop => (hop.Name, hop.Ready)));
        Assert.Equal(3, others);
        Assert.Contains(fixture.Tell(static desk => desk.FindBusiestHops(100, out _)), static hop => hop.Name == "idle.example" && hop.IsStopped);
    }
}
