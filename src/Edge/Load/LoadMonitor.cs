using SlimtaFast.Edge.Diagnostics;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge.Load;

/// <summary>
/// Reads the gauges once a second on a timer's thread, and tells sessions what is short at the cost of one load. Thread-safe.
/// </summary>
internal sealed class LoadMonitor : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly EdgeLog _log;
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private LoadGauge[] _gauges = [];
    private bool[] _isShort = [];
    private bool[] _isUnreadable = [];
    private ITimer? _timer;
    private volatile RefusalReason _shortage;

    /// <summary>Makes a monitor that finds nothing short until <see cref="Start"/>.</summary>
    public LoadMonitor(IReadOnlyList<LoadGauge> gauges, TimeProvider time, EdgeLog log)
    {
        _log = log;
        _time = time;
        SetGauges(gauges);
    }

    /// <summary>Reads other gauges from now on; what was short stays so until the next look, and then where the new gauge says so.</summary>
    public void SetGauges(IReadOnlyList<LoadGauge> gauges)
    {
        lock (_lock)
        {
            HashSet<LoadResource> wereShort = [.. _gauges.Where((_, i) => _isShort[i]).Select(static gauge => gauge.Resource)];
            _gauges = [.. gauges.OrderBy(static gauge => gauge.Resource)];
            _isShort = [.. _gauges.Select(gauge => wereShort.Contains(gauge.Resource))];
            _isUnreadable = new bool[_gauges.Length];
        }
    }

    /// <summary>Looks at once, and from then on.</summary>
    public void Start()
    {
        Look();
        _timer = _time.CreateTimer(static state => ((LoadMonitor)state!).Look(), this, Every, Every);
    }

    /// <summary>Why no more mail is taken now, or none; the shortage of memory before the others.</summary>
    public RefusalReason Shortage => _shortage;

    /// <summary>What is short now.</summary>
    public IEnumerable<(LoadResource Resource, bool IsShort)> States
    {
        get
        {
            lock (_lock)
                return [.. _gauges.Select((gauge, i) => (gauge.Resource, _isShort[i])).GroupBy(s => s.Resource, (r, all) => (r, all.Any(s => s.Item2)))];
        }
    }

    /// <summary>Reads all gauges. A look that is still going on is not joined by another.</summary>
    public void Look()
    {
        if (!_lock.TryEnter())
            return;
        try
        {
            RefusalReason shortage = RefusalReason.None;
            for (int i = 0; i < _gauges.Length; i++)
            {
                ReadGauge(i);
                if (_isShort[i] && shortage == RefusalReason.None)
                    shortage = ReasonOf(_gauges[i].Resource);
            }

            _shortage = shortage;
        }
        finally
        {
            _lock.Exit();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private static RefusalReason ReasonOf(LoadResource resource) => resource switch
    {
        LoadResource.Memory => RefusalReason.MemoryShort,
        LoadResource.Disk => RefusalReason.DiskShort,
        _ => RefusalReason.QueueShort,
    };

    private void ReadGauge(int i)
    {
        LoadGauge gauge = _gauges[i];
        double left;
        try
        {
            left = gauge.ReadLeft();
            _isUnreadable[i] = false;
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            if (!_isUnreadable[i])
                _log.GaugeFailed(gauge.Resource, trouble);
            _isUnreadable[i] = true;
            return;
        }

        bool isShort = left < (_isShort[i] ? gauge.EnoughFrom : gauge.ShortBelow);
        if (isShort == _isShort[i])
            return;
        _isShort[i] = isShort;
        if (isShort)
            _log.ResourceShort(gauge.Resource, left, gauge.ShortBelow);
        else
            _log.ResourceBack(gauge.Resource, left);
    }
}
