using SlimtaFast.Queue.Tests.Fakes;

namespace SlimtaFast.Queue.Tests;

/// <summary>What changes while the queue runs: relay, policies and schedule.</summary>
public sealed class ChangeTests
{
    private static readonly TimeSpan DelayNotice = TimeSpan.FromHours(4);

    [Fact]
    public void Attempts_go_by_the_new_relay_and_the_old_one_is_unused_when_its_last_has_ended()
    {
        using var fixture = new QueueFixture();
        var other = new ScriptedRelay();
        fixture.Relay.Holds = true;
        fixture.Enqueue("a@one.example");
        Task unused = fixture.Queue.ApplyAsync(RetrySchedule.Default, DelayNotice, [], other);
        fixture.Enqueue("b@two.example");
        Assert.Equal("b@two.example", Assert.Single(other.Attempts).To);
        Assert.Equal("a@one.example", Assert.Single(fixture.Relay.Attempts).To);
        Assert.False(unused.IsCompleted);
        fixture.Relay.FinishAll();
        fixture.Context.Drain();
        Assert.True(unused.IsCompletedSuccessfully);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Relay_that_nobody_uses_is_unused_at_once()
    {
        using var fixture = new QueueFixture();
        Assert.True(fixture.Queue.ApplyAsync(RetrySchedule.Default, DelayNotice, [], new ScriptedRelay()).IsCompletedSuccessfully);
        Assert.True(fixture.Queue.ApplyAsync(RetrySchedule.Default, DelayNotice, []).IsCompletedSuccessfully);
    }

    [Fact]
    public void Hop_that_is_down_is_tried_by_the_new_relay_at_once()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => Replies.Down(attempt);
        fixture.Enqueue("a@one.example");
        Assert.Single(fixture.Relay.Attempts);
        var other = new ScriptedRelay();
        fixture.Context.Post(_ => fixture.Queue.ApplyAsync(RetrySchedule.Default, DelayNotice, [], other), null);
        fixture.Context.Drain();
        Assert.Equal("a@one.example", Assert.Single(other.Attempts).To);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Failed_attempts_are_judged_by_the_new_schedule()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Later);
        fixture.Enqueue("a@one.example");
        var schedule = new RetrySchedule([TimeSpan.FromSeconds(10)], repeatsLast: false, TimeSpan.FromDays(1), jitter: 0);
        Assert.True(fixture.Queue.ApplyAsync(schedule, DelayNotice, []).IsCompletedSuccessfully);

        // What waits keeps its time.
        fixture.Advance(TimeSpan.FromSeconds(20));
        Assert.Single(fixture.Relay.Attempts);
        fixture.Advance(TimeSpan.FromMinutes(1));

        // After one delay the new one gives up: what comes next is the report.
        Assert.Equal(["a@one.example", "a@one.example", "alice@example.com"], fixture.Relay.Attempts.Select(attempt => attempt.To));
    }

    [Fact]
    public void Messages_go_through_the_new_policies()
    {
        using var fixture = new QueueFixture(policies: [QueuePolicies.AddHeader("X-Old", "1", onlyIfMissing: false)]);
        fixture.Enqueue("a@one.example");
        Assert.True(fixture.Queue.ApplyAsync(RetrySchedule.Default, DelayNotice, [QueuePolicies.AddHeader("X-New", "1", onlyIfMissing: false)]).IsCompletedSuccessfully);
        fixture.Enqueue("b@two.example");
        string[] sent = [.. fixture.Relay.Attempts.Select(attempt => System.Text.Encoding.ASCII.GetString(attempt.Bytes))];
        Assert.StartsWith("X-Old: 1", sent[0], StringComparison.Ordinal);
        Assert.StartsWith("X-New: 1", sent[1], StringComparison.Ordinal);
        Assert.DoesNotContain("X-Old", sent[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_that_make_no_sense_change_nothing()
    {
        using var fixture = new QueueFixture();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => fixture.Queue.ApplyAsync(RetrySchedule.Default, TimeSpan.Zero, [], new ScriptedRelay()));
        fixture.Enqueue("a@one.example");
        Assert.Single(fixture.Relay.Attempts);
    }
}
