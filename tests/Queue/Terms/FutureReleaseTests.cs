using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;

namespace SlimtaFast.Queue.Tests.Terms;

/// <summary>Messages that their senders have held (RFC 4865).</summary>
public class FutureReleaseTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public void Held_message_is_stored_and_delivered_when_it_is_released()
    {
        using var fixture = new QueueFixture();
        Assert.Equal(250, EnqueueHeld(fixture, Day).Reply.Code);
        Assert.Equal(1, fixture.Snapshot.Waiting);
        Assert.Equal(fixture.Time.GetUtcNow() + Day, Assert.Single(fixture.Storage.Items()).State.DueAt);
        fixture.Advance(Day - TimeSpan.FromSeconds(1));
        Assert.Empty(fixture.Relay.Attempts);
        fixture.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Equal("bob@example.org", Assert.Single(fixture.Relay.Attempts).To);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Held_message_is_still_held_after_a_restart()
    {
        using var fixture = new QueueFixture();
        EnqueueHeld(fixture, Day);
        fixture.Restart();
        Assert.Equal(1, fixture.Snapshot.Waiting);
        fixture.Flush();
        fixture.Advance(Day - TimeSpan.FromMinutes(5));
        Assert.Empty(fixture.Relay.Attempts);
        fixture.Advance(TimeSpan.FromMinutes(5.1));
        Assert.Single(fixture.Relay.Attempts);
    }

    [Fact]
    public void Message_released_while_the_queue_was_down_is_delivered_at_start()
    {
        using var fixture = new QueueFixture();
        EnqueueHeld(fixture, Day);
        fixture.Stop();
        fixture.Advance(2 * Day);
        fixture.Restart();
        Assert.Single(fixture.Relay.Attempts);
    }

    [Fact]
    public void Flush_tries_what_waits_but_not_what_is_held()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Later);
        EnqueueHeld(fixture, Day);
        fixture.Enqueue("alice@example.org");
        fixture.Flush();
        Assert.Equal(["alice@example.org", "alice@example.org"], fixture.Relay.Attempts.Select(attempt => attempt.To));
        Assert.Equal(2, fixture.Snapshot.Waiting);
    }

    [Fact]
    public void Age_counts_from_the_release()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Later);
        EnqueueHeld(fixture, 30 * Day);
        fixture.Advance(30.001 * Day);
        Assert.Equal(RecipientPhase.Open, Assert.Single(fixture.Storage.Items()).State.Recipients[0].Phase);
        Assert.False(fixture.Storage.Items()[0].State.DelayNoticeSent);
        fixture.Advance(TimeSpan.FromMinutes(1.2));
        Assert.Equal(2, fixture.Relay.Attempts.Count);
    }

    [Fact]
    public void Held_message_for_a_hop_that_is_down_waits_as_any_other()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => Replies.Down(attempt);
        fixture.Enqueue("alice@example.org");
        EnqueueHeld(fixture, TimeSpan.FromSeconds(10));
        fixture.Advance(TimeSpan.FromSeconds(11));
        Assert.Single(fixture.Relay.Attempts);
        fixture.Relay.Script = static (_, attempt) => Replies.Delivered(attempt);
        fixture.Advance(TimeSpan.FromSeconds(60));
        Assert.Empty(fixture.Storage.Items());
    }

    private static EnqueueResult EnqueueHeld(QueueFixture fixture, TimeSpan time) =>
        fixture.Enqueue(fixture.Envelope(to: "bob@example.org") with { Terms = new DeliveryTerms { HoldUntil = fixture.Time.GetUtcNow() + time } });
}
