using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;
using SlimtaFast.Relay;

namespace SlimtaFast.Queue.Tests.Terms;

/// <summary>Messages with a deadline (RFC 2852).</summary>
public class DeliverByTests
{
    [Fact]
    public void Message_to_be_returned_is_returned_at_its_deadline_without_a_further_attempt()
    {
        using var fixture = new QueueFixture();
        Script(fixture, static (_, attempt) => Replies.All(attempt, Replies.Later));
        Enqueue(fixture, 90, DeliverByMode.Return);
        fixture.Advance(TimeSpan.FromSeconds(89));
        Assert.Equal(2, Tries(fixture));
        Assert.Empty(Reports(fixture));
        fixture.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Equal(2, Tries(fixture));
        string report = Assert.Single(Reports(fixture));
        Assert.Contains("Action: failed\r\nStatus: 5.4.7\r\n", report, StringComparison.Ordinal);
        Assert.Contains("Deliver-By-Date: Sat, 14 Mar 2026 15:10:56 +0000\r\n", report, StringComparison.Ordinal);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Message_to_be_returned_is_returned_at_its_deadline_while_its_hop_is_down()
    {
        using var fixture = new QueueFixture();
        Script(fixture, static (_, attempt) => Replies.Down(attempt));
        Enqueue(fixture, 10, DeliverByMode.Return);
        fixture.Advance(TimeSpan.FromSeconds(9));
        Assert.Empty(Reports(fixture));
        fixture.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Contains("Status: 5.4.7\r\n", Assert.Single(Reports(fixture)), StringComparison.Ordinal);
        Assert.Equal(1, Tries(fixture));
    }

    [Fact]
    public void Message_for_a_hop_that_was_down_before_is_returned_at_its_deadline()
    {
        using var fixture = new QueueFixture(new MailQueueOptions { HopRetryFirst = TimeSpan.FromMinutes(30) });
        Script(fixture, static (_, attempt) => Replies.Down(attempt));
        fixture.Enqueue("alice@example.net");
        for (int i = 0; i < 20; i++)
            Enqueue(fixture, 20 - i, i % 2 == 0 ? DeliverByMode.Return : DeliverByMode.Notify, to: $"u{i}@example.net");
        fixture.Advance(TimeSpan.FromSeconds(0.1));
        for (int second = 1; second <= 20; second++)
        {
            fixture.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(second, Reports(fixture).Count);
        }

        Assert.Equal(11, fixture.Storage.Items().Count);
        Assert.Equal(1, Tries(fixture));
        fixture.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal(20, Reports(fixture).Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Deadline_is_kept_over_a_restart(bool isDown)
    {
        using var fixture = new QueueFixture();
        Script(fixture, (_, attempt) => isDown ? Replies.Down(attempt) : Replies.All(attempt, Replies.Later));
        Enqueue(fixture, 50, DeliverByMode.Return);
        fixture.Advance(TimeSpan.FromSeconds(40));
        fixture.Restart();
        Assert.Empty(Reports(fixture));
        fixture.Advance(TimeSpan.FromSeconds(60));
        Assert.Contains("Status: 5.4.7\r\n", Assert.Single(Reports(fixture)), StringComparison.Ordinal);
    }

    [Fact]
    public void Deadline_that_passed_before_the_first_attempt_means_no_attempt()
    {
        using var fixture = new QueueFixture(new MailQueueOptions { HopInitialAttempts = 1 });
        Script(fixture, static (_, attempt) => Replies.Delivered(attempt));
        fixture.Relay.Holds = true;
        fixture.Enqueue("alice@example.net");
        Enqueue(fixture, 5, DeliverByMode.Return);
        fixture.Advance(TimeSpan.FromSeconds(6));
        fixture.Relay.Holds = false;
        fixture.Finish();
        Assert.Equal(1, Tries(fixture));
        Assert.Single(Reports(fixture));
    }

    [Theory]
    [InlineData(DsnNotify.Unspecified, 1)]
    [InlineData(DsnNotify.Delay, 1)]
    [InlineData(DsnNotify.Delay | DsnNotify.Failure, 1)]
    [InlineData(DsnNotify.Failure, 0)]
    [InlineData(DsnNotify.Never, 0)]
    public void Late_message_to_be_notified_of_is_reported_once_and_goes_on(DsnNotify notify, int expected)
    {
        using var fixture = new QueueFixture();
        Script(fixture, static (_, attempt) => Replies.All(attempt, Replies.Later));
        Enqueue(fixture, 90, DeliverByMode.Notify, notify: notify);
        fixture.Advance(TimeSpan.FromSeconds(61));
        fixture.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(3, Tries(fixture));
        Assert.Equal(expected, Reports(fixture).Count);
        Assert.All(Reports(fixture), static report => Assert.Contains("Action: delayed\r\n", report, StringComparison.Ordinal));
        fixture.Restart();
        for (int i = 0; i < 20; i++)
            fixture.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(expected, Reports(fixture).Count);
        Assert.True(Tries(fixture) > 4);
    }

    [Fact]
    public void Late_message_for_a_hop_that_is_down_is_reported_once()
    {
        using var fixture = new QueueFixture();
        Script(fixture, static (_, attempt) => Replies.Down(attempt));
        Enqueue(fixture, 10, DeliverByMode.Notify);
        fixture.Advance(TimeSpan.FromSeconds(11));
        Assert.Contains("Action: delayed\r\n", Assert.Single(Reports(fixture)), StringComparison.Ordinal);
        for (int i = 0; i < 30; i++)
            fixture.Advance(TimeSpan.FromMinutes(5));
        Assert.Single(Reports(fixture));
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Ok with { KeepsDeadline = true });
        fixture.Advance(TimeSpan.FromHours(1));
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Message_that_was_late_when_it_came_is_reported_by_nobody_again()
    {
        using var fixture = new QueueFixture();
        Script(fixture, static (_, attempt) => Replies.All(attempt, Replies.Later));
        Enqueue(fixture, 0, DeliverByMode.Notify, isPast: true);
        fixture.Advance(TimeSpan.FromMinutes(30));
        Assert.Empty(Reports(fixture));
    }

    [Theory]
    [InlineData(DeliverByMode.Notify, false, false, DsnNotify.Unspecified, 1)]
    [InlineData(DeliverByMode.Notify, true, false, DsnNotify.Unspecified, 0)]
    [InlineData(DeliverByMode.Notify, true, true, DsnNotify.Unspecified, 1)]
    [InlineData(DeliverByMode.Return, true, false, DsnNotify.Unspecified, 0)]
    [InlineData(DeliverByMode.Return, true, true, DsnNotify.Failure, 1)]
    [InlineData(DeliverByMode.Notify, false, true, DsnNotify.Never, 0)]
    [InlineData(DeliverByMode.Return, true, false, DsnNotify.Success, 1)]
    public void Message_passed_on_is_reported_where_it_is_traced_or_its_deadline_gets_lost(
        DeliverByMode mode, bool keeps, bool trace, DsnNotify notify, int expected)
    {
        using var fixture = new QueueFixture();
        Script(fixture, (_, attempt) => Replies.All(attempt, Replies.Ok with { KeepsDeadline = keeps }));
        Enqueue(fixture, 90, mode, trace, notify);
        Assert.Equal(expected, Reports(fixture).Count);
        Assert.All(Reports(fixture), static report => Assert.Contains("Action: relayed\r\n", report, StringComparison.Ordinal));
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Held_message_is_not_returned_while_it_is_held()
    {
        using var fixture = new QueueFixture();
        Script(fixture, static (_, attempt) => Replies.All(attempt, Replies.Later));
        DateTimeOffset now = fixture.Time.GetUtcNow();
        fixture.Enqueue(fixture.Envelope(to: "bob@example.net") with
        {
            Terms = new DeliveryTerms { HoldUntil = now.AddHours(1), By = new DeliverBy(now.AddHours(2), DeliverByMode.Return), Priority = 2 },
        });
        fixture.Advance(TimeSpan.FromHours(1.001));
        Assert.Equal(1, Tries(fixture));
        fixture.Advance(TimeSpan.FromHours(1));
        string report = Assert.Single(Reports(fixture));
        Assert.Contains("Future-Release-Request: until; 2026-03-14T16:09:26Z\r\n", report, StringComparison.Ordinal);
        Assert.Equal(2, fixture.Relay.Attempts[^1].Envelope.Terms!.Priority);
    }

    private static void Script(QueueFixture fixture, Func<Envelope, DeliveryAttempt, DeliveryReport> script) =>
        fixture.Relay.Script = (envelope, attempt) => envelope.ReversePath.IsNull ? Replies.Delivered(attempt) : script(envelope, attempt);

    private static void Enqueue(
        QueueFixture fixture, int seconds, DeliverByMode mode, bool trace = false, DsnNotify notify = DsnNotify.Unspecified, bool isPast = false, string to = "bob@example.net")
    {
        Envelope envelope = fixture.Envelope(to: to);
        fixture.Enqueue(envelope with
        {
            Recipients = [new Recipient(Mailbox.Parse(to), notify)],
            Terms = new DeliveryTerms { By = new DeliverBy(fixture.Time.GetUtcNow().AddSeconds(seconds), mode, trace, isPast) },
        });
    }

    private static int Tries(QueueFixture fixture) => fixture.Relay.Attempts.Count(static attempt => !attempt.Envelope.ReversePath.IsNull);

    private static List<string> Reports(QueueFixture fixture) =>
        [.. fixture.Relay.Attempts.Where(static attempt => attempt.Envelope.ReversePath.IsNull).Select(static attempt => Encoding.UTF8.GetString(attempt.Bytes))];
}
