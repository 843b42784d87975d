using SlimtaFast.Storage.Disk.Journal;

namespace SlimtaFast.Storage.Tests.Disk.Journal;

public sealed class ZeroingPaceTests
{
    private readonly ZeroingPace _pace = new();

    [Fact]
    public void First_segments_are_made_at_full_speed()
    {
        Assert.Equal(0, _pace.GetPause(started: 100, now: 100, done: 1));
        _pace.NoteTaken(100);
        Assert.Equal(0, _pace.GetPause(started: 100, now: 100, done: 1));
    }

    [Fact]
    public void Zeroing_takes_half_the_time_in_which_the_last_segment_was_filled()
    {
        _pace.NoteTaken(1_000);
        _pace.NoteTaken(1_800);
        Assert.Equal(100, _pace.GetPause(started: 1_800, now: 1_800, done: 0.25));
        Assert.Equal(150, _pace.GetPause(started: 1_800, now: 1_850, done: 0.5));
        Assert.Equal(0, _pace.GetPause(started: 1_800, now: 2_300, done: 1));
    }

    [Fact]
    public void A_slow_journal_has_its_next_segment_soon_all_the_same()
    {
        _pace.NoteTaken(0);
        _pace.NoteTaken(3_600_000);
        Assert.Equal(2_000, _pace.GetPause(started: 3_600_000, now: 3_600_000, done: 1));
    }
}
