using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;

namespace SlimtaFast.Queue.Tests.Terms;

/// <summary>Messages that go before or after others (RFC 6710).</summary>
public class PriorityTests
{
    private static readonly MailQueueOptions OneByOne = new() { HopInitialAttempts = 1, HopMaxAttempts = 1, HopReadAhead = 1 };

    [Fact]
    public void Higher_priorities_go_first_within_a_hop()
    {
        using var fixture = new QueueFixture(OneByOne);
        fixture.Relay.Holds = true;
        Enqueue(fixture, "first", 0);
        Enqueue(fixture, "usual", 0);
        Enqueue(fixture, "low", -9);
        Enqueue(fixture, "high", 4);
        Enqueue(fixture, "highest", 9);
        for (int i = 0; i < 5; i++)
            fixture.Finish();
        Assert.Equal(["first", "highest", "high", "usual", "low"], Order(fixture));
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(0)]
    public void Urgent_mail_starves_nobody(int resident)
    {
        using var fixture = new QueueFixture(OneByOne with { ResidentItems = resident });
        fixture.Relay.Holds = true;
        Enqueue(fixture, "first", 0);
        for (int i = 0; i < 3; i++)
            Enqueue(fixture, $"low{i}", -3);
        for (int i = 0; i < 3; i++)
            Enqueue(fixture, $"usual{i}", 0);
        for (int i = 0; i < 60; i++)
            Enqueue(fixture, $"urgent{i}", 9);
        for (int i = 0; i < 40; i++)
            fixture.Finish();
        string[] order = Order(fixture);
        Assert.Equal(6, order.Count(static name => name.StartsWith("low", StringComparison.Ordinal) || name.StartsWith("usual", StringComparison.Ordinal)));
        Assert.Equal(["low0", "low1", "low2"], order.Where(static name => name.StartsWith("low", StringComparison.Ordinal)));
        Assert.True(order.Take(20).Count(static name => name.StartsWith("urgent", StringComparison.Ordinal)) >= 13);
        for (int i = 0; i < 40; i++)
        {
            if (fixture.Relay.Waiting.Count > 0)
                fixture.Finish();
        }

        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Priorities_are_known_after_a_restart_before_anything_is_read()
    {
        using var fixture = new QueueFixture(OneByOne);
        fixture.Relay.Script = static (_, attempt) => Replies.Down(attempt);
        Enqueue(fixture, "usual", 0);
        Enqueue(fixture, "low", -1);
        Enqueue(fixture, "high", 1);
        Enqueue(fixture, "highest", 9);
        fixture.Stop();
        fixture.Relay.Attempts.Clear();
        fixture.Relay.Script = static (_, attempt) => Replies.Delivered(attempt);
        fixture.Relay.Holds = true;
        fixture.Restart();
        for (int i = 0; i < 4; i++)
            fixture.Finish();
        Assert.Equal(["highest", "high", "low"], Order(fixture).Where(static name => name != "usual"));
    }

    [Fact]
    public void Urgent_retry_goes_before_usual_new_mail()
    {
        using var fixture = new QueueFixture(OneByOne with { ResidentItems = 0 });
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Later);
        Enqueue(fixture, "urgent", 5);
        fixture.Relay.Holds = true;
        fixture.Relay.Script = static (_, attempt) => Replies.Delivered(attempt);
        for (int i = 0; i < 6; i++)
            Enqueue(fixture, $"usual{i}", 0);
        fixture.Advance(TimeSpan.FromMinutes(2));
        for (int i = 0; i < 7; i++)
            fixture.Finish();
        Assert.InRange(Array.LastIndexOf(Order(fixture), "urgent"), 1, 4);
    }

    private static void Enqueue(QueueFixture fixture, string name, int priority) =>
        fixture.Enqueue(fixture.Envelope(to: $"{name}@example.net") with { Terms = priority == 0 ? null : new DeliveryTerms { Priority = priority } });

    private static string[] Order(QueueFixture fixture) => [.. fixture.Relay.Attempts.Select(static attempt => attempt.To.Split('@')[0])];
}
