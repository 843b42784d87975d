using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;

namespace SlimtaFast.Queue.Tests.Scheduling;

public class HopSchedulingTests
{
    private static readonly MailQueueOptions Small = new() { HopInitialAttempts = 2, HopMaxAttempts = 8, MaxAttempts = 6 };

    [Fact]
    public void Hop_gets_no_more_attempts_at_once_than_its_limit()
    {
        using var fixture = new QueueFixture(Small);
        fixture.Relay.Holds = true;
        for (int i = 0; i < 10; i++)
            fixture.Enqueue($"u{i}@one.example");
        Assert.Equal(2, fixture.Relay.Waiting.Count);
    }

    [Fact]
    public void Slow_hop_does_not_hold_up_another()
    {
        using var fixture = new QueueFixture(Small);
        fixture.Relay.Holds = true;
        for (int i = 0; i < 100; i++)
            fixture.Enqueue($"u{i}@slow.example");
        fixture.Relay.Holds = false;
        fixture.Enqueue("bob@fast.example");
        Assert.Equal("bob@fast.example", fixture.Relay.Attempts[^1].To);
        Assert.Equal(2, fixture.Relay.Waiting.Count);
    }

    [Fact]
    public void All_hops_together_get_no_more_attempts_than_the_queue_allows()
    {
        using var fixture = new QueueFixture(Small);
        fixture.Relay.Holds = true;
        for (int i = 0; i < 40; i++)
            fixture.Enqueue($"u{i}@d{i % 20}.example");
        Assert.Equal(6, fixture.Relay.Waiting.Count);
        Assert.Equal(6, fixture.Snapshot.Active);
    }

    [Fact]
    public void Hops_take_turns()
    {
        using var fixture = new QueueFixture(Small with { MaxAttempts = 1 });
        fixture.Relay.Holds = true;
        for (int i = 0; i < 30; i++)
            fixture.Enqueue($"u{i}@d{i / 10}.example");
        for (int i = 0; i < 30; i++)
            fixture.Finish();
        Assert.Equal(30, fixture.Relay.Attempts.Count);
        string[] hops = [.. fixture.Relay.Attempts.Select(attempt => attempt.Envelope.Domain)];
        for (int i = 1; i + 3 <= 30; i += 3)
            Assert.Equal(3, hops.Skip(i).Take(3).Distinct().Count());
    }

    [Fact]
    public void Limit_grows_while_a_hop_delivers_and_is_used()
    {
        using var fixture = new QueueFixture(Small with { MaxAttempts = 100 });
        fixture.Relay.Holds = true;
        for (int i = 0; i < 200; i++)
            fixture.Enqueue($"u{i}@one.example");
        while (fixture.Relay.Waiting.Count > 0)
            fixture.Finish();
        Assert.Equal(8, fixture.Relay.MostAtOnce["one.example"]);
        Assert.Equal(8, Assert.Single(fixture.Snapshot.Hops).Limit);
    }

    [Fact]
    public void Limit_does_not_grow_while_it_is_not_used()
    {
        using var fixture = new QueueFixture(Small);
        for (int i = 0; i < 200; i++)
            fixture.Enqueue($"u{i}@one.example");
        Assert.Equal(2, Assert.Single(fixture.Snapshot.Hops).Limit);
    }

    [Fact]
    public void Limit_is_halved_once_for_each_round_in_which_the_hop_asks_for_less()
    {
        using var fixture = new QueueFixture(Small with { HopInitialAttempts = 8, MaxAttempts = 100 });
        fixture.Relay.Holds = true;
        for (int i = 0; i < 40; i++)
            fixture.Enqueue($"u{i}@one.example");
        Assert.Equal(8, fixture.Relay.Waiting.Count);
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Later, HopCondition.Busy);
        for (int i = 0; i < 4; i++)
            fixture.Finish();
        Assert.Equal(4, Assert.Single(fixture.Snapshot.Hops).Limit);
        Assert.Equal(4, fixture.Relay.Waiting.Count);
    }

    [Fact]
    public void Hop_that_goes_on_asking_for_less_is_left_alone_for_a_while()
    {
        using var fixture = new QueueFixture(Small);
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Later, HopCondition.Busy);
        for (int i = 0; i < 10; i++)
            fixture.Enqueue($"u{i}@one.example");
        Assert.Equal(2, fixture.Relay.Attempts.Count);
        Assert.Equal(1, fixture.Snapshot.SuspendedHops);
    }

    [Fact]
    public void Hop_that_is_down_is_suspended_and_nothing_is_written_or_used_up()
    {
        using var fixture = new QueueFixture(Small);
        fixture.Relay.Script = static (_, attempt) => Replies.Down(attempt);
        for (int i = 0; i < 10; i++)
            fixture.Enqueue($"u{i}@one.example");
        Assert.Single(fixture.Relay.Attempts);
        Assert.Equal(1, fixture.Snapshot.SuspendedHops);
        Assert.Equal(10, fixture.Snapshot.Ready);
        Assert.DoesNotContain("update", fixture.Storage.Done);
        Assert.All(fixture.Storage.Items(), item => Assert.Equal(0, item.State.Attempts));
    }

    [Fact]
    public void Suspended_hop_is_probed_by_one_attempt_at_growing_times()
    {
        using var fixture = new QueueFixture(Small);
        fixture.Relay.Script = static (_, attempt) => Replies.Down(attempt);
        for (int i = 0; i < 10; i++)
            fixture.Enqueue($"u{i}@one.example");
        int[] seconds = [30, 60, 120, 240, 480, 960, 1800, 1800];
        for (int i = 0; i < seconds.Length; i++)
        {
            fixture.Advance(TimeSpan.FromSeconds(seconds[i] - 1));
            Assert.Equal(i + 1, fixture.Relay.Attempts.Count);
            fixture.Advance(TimeSpan.FromSeconds(1.1));
            Assert.Equal(i + 2, fixture.Relay.Attempts.Count);
        }

        Assert.Equal(1, fixture.Relay.MostAtOnce["one.example"]);
    }

    [Fact]
    public void Probes_take_different_items_so_that_a_single_one_blocks_nothing()
    {
        using var fixture = new QueueFixture(Small);
        fixture.Relay.Script = static (_, attempt) => Replies.Down(attempt);
        for (int i = 0; i < 3; i++)
            fixture.Enqueue($"u{i}@one.example");
        for (int i = 0; i < 3; i++)
            fixture.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(3, fixture.Relay.Attempts.Select(attempt => attempt.To).Distinct().Count());
    }

    [Fact]
    public void Hop_that_works_again_gets_everything()
    {
        using var fixture = new QueueFixture(Small);
        fixture.Relay.Script = static (_, attempt) => Replies.Down(attempt);
        for (int i = 0; i < 50; i++)
            fixture.Enqueue($"u{i}@one.example");
        fixture.Relay.Script = static (_, attempt) => Replies.Delivered(attempt);
        fixture.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(51, fixture.Relay.Attempts.Count);
        Assert.Empty(fixture.Storage.Items());
        Assert.Equal(0, fixture.Snapshot.SuspendedHops);
    }

    [Fact]
    public void Suspension_ends_where_an_attempt_from_before_succeeds()
    {
        using var fixture = new QueueFixture(Small);
        fixture.Relay.Holds = true;
        for (int i = 0; i < 5; i++)
            fixture.Enqueue($"u{i}@one.example");
        fixture.Relay.Script = static (_, attempt) => Replies.Down(attempt);
        fixture.Finish(0);
        Assert.Equal(1, fixture.Snapshot.SuspendedHops);
        fixture.Relay.Script = static (_, attempt) => Replies.Delivered(attempt);
        fixture.Relay.Holds = false;
        fixture.Finish(0);
        Assert.Equal(0, fixture.Snapshot.SuspendedHops);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Connection_lost_after_the_dot_is_an_attempt_and_not_a_hop_that_is_down()
    {
        using var fixture = new QueueFixture(Small);
        fixture.Relay.Script = static (_, attempt) => DeliveryReport.ForAll(1, Replies.Later, HopCondition.Down, possiblyDelivered: true);
        fixture.Enqueue("bob@one.example");
        Assert.Equal(1, Assert.Single(fixture.Storage.Items()).State.Attempts);
    }

    [Fact]
    public void New_mail_goes_before_retries_but_does_not_starve_them()
    {
        using var fixture = new QueueFixture(Small with { ResidentItems = 0, HopReadAhead = 1, MaxAttempts = 1 });
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Later);
        for (int i = 0; i < 10; i++)
            fixture.Enqueue($"old{i}@one.example");
        fixture.Relay.Holds = true;
        fixture.Relay.Script = static (_, attempt) => Replies.Delivered(attempt);
        fixture.Relay.Attempts.Clear();
        fixture.Enqueue("first@one.example");
        fixture.Advance(TimeSpan.FromMinutes(2));
        for (int i = 0; i < 30; i++)
            fixture.Enqueue($"new{i}@one.example");
        while (fixture.Relay.Waiting.Count > 0)
            fixture.Finish();
        string[] order = [.. fixture.Relay.Attempts.Select(attempt => attempt.To)];
        Assert.Equal(41, order.Length);
        int newest = Array.FindLastIndex(order, name => name.StartsWith("new", StringComparison.Ordinal));
        int oldBefore = order.Take(newest).Count(name => name.StartsWith("old", StringComparison.Ordinal));
        Assert.InRange(oldBefore, 2, 10);
        Assert.True(order.Take(20).Count(name => name.StartsWith("new", StringComparison.Ordinal)) > order.Take(20).Count(name => name.StartsWith("old", StringComparison.Ordinal)));
    }

    [Fact]
    public void Items_beyond_the_memory_budget_are_read_back_when_their_turn_comes()
    {
        using var fixture = new QueueFixture(Small with { ResidentItems = 3 });
        fixture.Relay.Holds = true;
        for (int i = 0; i < 20; i++)
            fixture.Enqueue($"u{i}@one.example");
        while (fixture.Relay.Waiting.Count > 0)
            fixture.Finish();
        Assert.Equal(20, fixture.Relay.Attempts.Count);
        Assert.InRange(fixture.Storage.Done.Count(done => done == "read"), 14, 17);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Item_that_cannot_be_read_is_tried_again_later()
    {
        using var fixture = new QueueFixture(Small with { ResidentItems = 0 });
        fixture.Storage.Fails = static operation => operation == "read" ? Storage.StorageFailure.Unavailable : null;
        fixture.Enqueue("bob@one.example");
        Assert.Empty(fixture.Relay.Attempts);
        fixture.Storage.Fails = static _ => null;
        fixture.Advance(TimeSpan.FromMinutes(3));
        Assert.Single(fixture.Relay.Attempts);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Storage_that_is_away_is_not_asked_for_the_whole_backlog()
    {
        using var fixture = new QueueFixture(Small with { ResidentItems = 0 });
        int asked = 0;
        fixture.Storage.Fails = operation => operation == "read" && ++asked > 0 ? Storage.StorageFailure.Unavailable : null;
        for (int i = 0; i < 100; i++)
            fixture.Enqueue($"u{i}@d{i % 3}.example");
        Assert.Equal(1, asked);
        for (int i = 0; i < 5; i++)
            fixture.Advance(TimeSpan.FromSeconds(1.1));
        Assert.InRange(asked, 2, 6);
        fixture.Storage.Fails = static _ => null;
        for (int i = 0; i < 5; i++)
            fixture.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(100, fixture.Relay.Attempts.Count);
    }

    [Fact]
    public void Slow_hops_never_take_the_last_attempts_from_all_others()
    {
        using var fixture = new QueueFixture(Small with { HopInitialAttempts = 20, HopMaxAttempts = 20, MaxAttempts = 100 });
        fixture.Relay.Holds = true;
        for (int i = 0; i < 1000; i++)
            fixture.Enqueue($"u{i}@slow{i % 10}.example");
        Assert.InRange(fixture.Relay.Waiting.Count, 50, 99);
        int before = fixture.Relay.Attempts.Count;
        fixture.Enqueue("bob@fast.example");
        Assert.Equal(before + 1, fixture.Relay.Attempts.Count);
        while (fixture.Relay.Waiting.Count > 0)
            fixture.Finish();
        Assert.Equal(1001, fixture.Relay.Attempts.Count);
    }

    [Fact]
    public void Attempts_do_not_start_while_too_many_outcomes_wait_for_the_storage()
    {
        using var fixture = new QueueFixture(Small with { MaxUnrecorded = 3 });
        fixture.Storage.HoldsUpdates = true;
        for (int i = 0; i < 10; i++)
            fixture.Enqueue($"u{i}@one.example");
        Assert.Equal(3, fixture.Relay.Attempts.Count);
        Assert.Equal(3, fixture.Snapshot.Recording);
        fixture.Storage.HoldsUpdates = false;
        fixture.Storage.Release();
        fixture.Context.Drain();
        Assert.Equal(10, fixture.Relay.Attempts.Count);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Next_attempt_of_a_hop_does_not_wait_for_the_last_outcome_to_be_recorded()
    {
        using var fixture = new QueueFixture(Small with { MaxAttempts = 1 });
        fixture.Storage.HoldsUpdates = true;
        for (int i = 0; i < 10; i++)
            fixture.Enqueue($"u{i}@one.example");
        Assert.Equal(10, fixture.Relay.Attempts.Count);
        fixture.Storage.HoldsUpdates = false;
        fixture.Storage.Release();
        fixture.Context.Drain();
    }

    [Fact]
    public void Hops_with_nothing_to_do_are_forgotten_in_the_end()
    {
        using var fixture = new QueueFixture();
        for (int i = 0; i < 5000; i++)
            fixture.Enqueue($"u@d{i}.example");
        Assert.Equal(4096, fixture.Snapshot.Hops.Count);
        Assert.Equal(0, fixture.Snapshot.Domains);
    }
}
