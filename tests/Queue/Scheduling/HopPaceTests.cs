using SlimtaFast.Queue.Scheduling;

namespace SlimtaFast.Queue.Tests.Scheduling;

public class HopPaceTests
{
    private static readonly long Second = TimeSpan.TicksPerSecond;
    private readonly long _start = DateTimeOffset.UnixEpoch.AddYears(56).UtcTicks;

    [Fact]
    public void What_is_sent_away_from_a_fast_hop_comes_back_evenly_as_fast_as_it_is_taken()
    {
        HopPace pace = default;
        long now = Run(ref pace, TimeSpan.FromMilliseconds(10));
        long[] turns = [.. Enumerable.Range(0, 1000).Select(_ => pace.TakeTurn(now, ready: 500, isBusy: true, random: 0.5))];

        // Half of the list takes 2.5 s, and a thousand more 10 s.
        Assert.InRange(turns[0] - now, 2 * Second, 3 * Second);
        Assert.InRange(turns[^1] - now, 12 * Second, 13 * Second);
        Assert.All(turns.Zip(turns.Skip(1)), static pair => Assert.True(pair.First <= pair.Second));
        Assert.All(turns.GroupBy(static turn => turn), static some => Assert.InRange(some.Count(), 1, 26));
    }

    [Fact]
    public void Nothing_is_away_for_long_while_nothing_is_known()
    {
        HopPace pace = default;
        pace.Began(_start);
        Assert.InRange(pace.TakeTurn(_start, ready: 2500, isBusy: true, random: 0.5) - _start, Second, 2 * Second);
    }

    [Fact]
    public void Nothing_is_away_for_longer_than_its_hop_has_been_watched()
    {
        // The first attempts wait for a connection, which took a fifth of a second.
        HopPace pace = default;
        pace.Began(_start);
        long now = _start + (Second / 5);
        Assert.InRange(pace.TakeTurn(now, ready: 2500, isBusy: true, random: 0.999) - now, Second, 2 * Second);
        pace.Ended(now);
        Assert.InRange(pace.TakeTurn(now, ready: 2500, isBusy: false, random: 0.999) - now, Second, 2 * Second);

        // One that stays slow is believed to be so, a little more each time.
        pace.Began(now);
        now = _start + (20 * Second);
        Assert.InRange(pace.TakeTurn(now, ready: 2500, isBusy: true, random: 0) - now, 10 * Second, 10 * Second);
        Assert.InRange(pace.TakeTurn(now, ready: 2500, isBusy: true, random: 0.999) - now, 19 * Second, 20 * Second);

        // After a minute without attempts what was known is old.
        pace.Ended(now);
        now += 61 * Second;
        pace.Began(now);
        Assert.InRange(pace.TakeTurn(now, ready: 2500, isBusy: true, random: 0.999) - now, Second, 2 * Second);
    }

    [Fact]
    public void A_hop_whose_attempts_find_it_down_is_still_known_at_the_next_one()
    {
        HopPace pace = default;
        pace.Began(_start);
        long now = _start + (90 * Second);
        pace.Began(now);
        now += Second;
        Assert.Equal(30 * Second, pace.TakeTurn(now, ready: 2500, isBusy: true, random: 0) - now);
    }

    [Fact]
    public void What_is_behind_a_hop_that_hangs_goes_to_others_for_up_to_a_minute()
    {
        HopPace pace = default;
        long now = Run(ref pace, TimeSpan.FromMilliseconds(10)) + (20 * Second);
        Assert.Equal(30 * Second, pace.TakeTurn(now, ready: 500, isBusy: true, random: 0) - now);
        Assert.InRange(pace.TakeTurn(now, ready: 500, isBusy: true, random: 0.999) - now, 59 * Second, 60 * Second);

        // One that had nothing to do has not hung.
        Assert.InRange(pace.TakeTurn(now, ready: 500, isBusy: false, random: 0.5) - now, 2 * Second, 4 * Second);
    }

    private long Run(ref HopPace pace, TimeSpan each)
    {
        long now = _start;
        pace.Began(now);
        for (int i = 0; i < 10_000; i++)
            pace.Ended(now += each.Ticks);
        return now;
    }
}
