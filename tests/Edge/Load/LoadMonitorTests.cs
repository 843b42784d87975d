using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Edge.Diagnostics;
using SlimtaFast.Edge.Load;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge.Tests.Load;

public sealed class LoadMonitorTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly CollectingLoggers _log = new();

    [Fact]
    public void Shortage_begins_and_ends_at_different_levels_and_is_logged_once()
    {
        var gauge = new FakeGauge(LoadResource.Disk);
        using LoadMonitor monitor = Start(gauge);
        Assert.Equal(RefusalReason.None, monitor.Shortage);
        var seen = new List<RefusalReason>();
        foreach (double left in (double[])[15, 10, 9.9, 5, 10, 19, 20, 15, 9])
        {
            gauge.Left = left;
            _time.Advance(TimeSpan.FromSeconds(1));
            seen.Add(monitor.Shortage);
        }

        RefusalReason none = RefusalReason.None, disk = RefusalReason.DiskShort;
        Assert.Equal([none, none, disk, disk, disk, disk, none, none, disk], seen);
        Assert.Equal(["Warning 1021", "Warning 1022", "Warning 1021"], _log.Lines.Select(line => line[..12]));
    }

    [Fact]
    public void Memory_is_told_before_the_others()
    {
        FakeGauge queue = new(LoadResource.Queue) { Left = 0 }, memory = new(LoadResource.Memory) { Left = 0 };
        using LoadMonitor monitor = Start(queue, memory);
        Assert.Equal(RefusalReason.MemoryShort, monitor.Shortage);
        memory.Left = 100;
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(RefusalReason.QueueShort, monitor.Shortage);
        Assert.Equal([(LoadResource.Memory, false), (LoadResource.Queue, true)], monitor.States);
    }

    [Fact]
    public void Gauge_that_cannot_be_read_changes_nothing_and_is_told_once()
    {
        var gauge = new FakeGauge(LoadResource.Disk) { Left = 0 };
        using LoadMonitor monitor = Start(gauge);
        gauge.Failure = new DriveNotFoundException("gone");
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(RefusalReason.DiskShort, monitor.Shortage);
        Assert.Single(_log.Lines, line => line.StartsWith("Error 1023", StringComparison.Ordinal));
    }

    [Fact]
    public void Real_gauges_read_something()
    {
        Assert.InRange(new MemoryGauge(0.03).ReadLeft(), 0.0001, 1);
        Assert.InRange(new MemoryGauge(0.9).ReadLeft(), 0.0001, 1);
        Assert.InRange(new DiskGauge(Path.GetTempPath(), 1).ReadLeft(), 1, double.MaxValue);
        Assert.ThrowsAny<IOException>(() => new DiskGauge("/nonexistent/spool", 1).ReadLeft());
    }

    public void Dispose() => _log.Dispose();

    private LoadMonitor Start(params LoadGauge[] gauges)
    {
        var monitor = new LoadMonitor(gauges, _time, new EdgeLog(_log));
        monitor.Start();
        return monitor;
    }
}
