using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Server.Bench;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Tests.Bench;

public sealed class LoadScheduleTests
{
    private static readonly LoadPlan Plan = new() { Server = new HostPort("127.0.0.1", 25) };

    [Fact]
    public void Closed_loop_ends_with_the_last_message()
    {
        var schedule = new LoadSchedule(Plan with { Messages = 2 }, new FakeTimeProvider());
        Assert.True(schedule.TryTake(out TimeSpan due));
        Assert.Equal(TimeSpan.Zero, due);
        Assert.True(schedule.TryTake(out _));
        Assert.False(schedule.TryTake(out _));
    }

    [Fact]
    public void Closed_loop_ends_with_its_time()
    {
        var time = new FakeTimeProvider();
        var schedule = new LoadSchedule(Plan with { Duration = TimeSpan.FromSeconds(10) }, time);
        time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.True(schedule.TryTake(out _));
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.False(schedule.TryTake(out _));
    }

    [Fact]
    public void Open_loop_keeps_intended_times_however_late_it_is()
    {
        var time = new FakeTimeProvider();
        var schedule = new LoadSchedule(Plan with { Rate = 4, Duration = TimeSpan.FromSeconds(1) }, time);
        time.Advance(TimeSpan.FromSeconds(100));
        var due = new List<double>();
        while (schedule.TryTake(out TimeSpan at))
            due.Add(at.TotalSeconds);
        Assert.Equal([0, 0.25, 0.5, 0.75], due);
    }
}
