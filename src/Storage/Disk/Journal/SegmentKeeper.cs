using Microsoft.Extensions.Logging;
using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>
/// Works behind the journal on a thread of its own: makes and zeroes segment files ahead of need, seals full segments with their index, and
/// frees dead ones, so that the journal thread only ever writes. Some ready segments are a reserve that new mail never gets. Thread-safe.
/// </summary>
internal sealed class SegmentKeeper : IDisposable
{
    private readonly IFileLayer _files;
    private readonly JournalSettings _settings;
    private readonly StorageIndex _index;
    private readonly ILogger _logger;
    private readonly SegmentFormatter _formatter;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private readonly Queue<SegmentFile> _ready = new();
    private readonly Queue<JournalSegment> _full = new();
    private readonly ZeroingPace _pace = new();
    private int _fileCount;
    private int _waiting;
    private bool _wake = true;
    private bool _idle;
    private bool _stopping;
    private IOException? _problem;

    /// <summary>Makes a keeper; <see cref="Start"/> sets it to work.</summary>
    public SegmentKeeper(IFileLayer files, JournalSettings settings, StorageIndex index, ILogger logger)
    {
        _files = files;
        _settings = settings;
        _index = index;
        _logger = logger;
        _formatter = new SegmentFormatter(files, settings);
        _thread = new Thread(Run) { IsBackground = true, Name = "journal keeper" };
    }

    /// <summary>Called where the journal cannot grow as it should, so that old segments are worth emptying.</summary>
    public Action? OnPressure { get; set; }

    /// <summary>Files of the journal, ready ones included.</summary>
    public int FileCount
    {
        get
        {
            lock (_gate)
                return _fileCount;
        }
    }

    /// <summary>Files that something is in.</summary>
    public int UsedCount
    {
        get
        {
            lock (_gate)
                return _fileCount - _ready.Count;
        }
    }

    /// <summary>Why no segment can be made or freed, or null.</summary>
    public IOException? Problem
    {
        get
        {
            lock (_gate)
                return _problem;
        }
    }

    /// <summary>False where what is left of the journal is the reserve for outcomes.</summary>
    public bool HasRoomForNewMail
    {
        get
        {
            lock (_gate)
                return _ready.Count >= _settings.ReserveSegments || !_idle;
        }
    }

    /// <summary>Begins to work.</summary>
    /// <param name="ready">Files found at start of which nothing is needed.</param>
    /// <param name="fileCount">All files found.</param>
    public void Start(IEnumerable<SegmentFile> ready, int fileCount)
    {
        foreach (SegmentFile file in ready)
            _ready.Enqueue(file);
        _fileCount = fileCount;
        _thread.Start();
    }

    /// <summary>
    /// Gives the next file to write, waiting while one is being made; the only wait that new mail can have on the journal's growth.
    /// </summary>
    /// <param name="useReserve">True for what accept must never keep out: outcomes, closings, bounces, moves.</param>
    /// <param name="file">The file, where there is one.</param>
    public SegmentSupply Take(bool useReserve, out SegmentFile? file)
    {
        lock (_gate)
        {
            int keep = useReserve ? 0 : _settings.ReserveSegments;
            while (_ready.Count <= keep)
            {
                if (_idle || _stopping)
                {
                    file = null;
                    return _problem is null || DiskError.Classify(_problem) == StorageFailure.Full ? SegmentSupply.Full : SegmentSupply.Failing;
                }

                _waiting++;
                Monitor.PulseAll(_gate);
                Monitor.Wait(_gate);
                _waiting--;
            }

            file = _ready.Dequeue();
            _pace.NoteTaken(Environment.TickCount64);
            WakeLocked();
            return SegmentSupply.Ready;
        }
    }

    /// <summary>Takes a segment over that gets no more records.</summary>
    public void Retire(JournalSegment segment)
    {
        segment.RetiredAt = Environment.TickCount64;
        _index.SetPhase(segment, SegmentPhase.Full);
        lock (_gate)
        {
            _full.Enqueue(segment);
            WakeLocked();
        }
    }

    /// <summary>Has it look for work.</summary>
    public void Wake()
    {
        lock (_gate)
            WakeLocked();
    }

    /// <summary>Finishes what there is to seal and free, and ends.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopping = true;
            WakeLocked();
        }

        if (_thread.IsAlive)
            _thread.Join();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        foreach (SegmentFile file in _ready)
            file.Dispose();
        _ready.Clear();
    }

    private void WakeLocked()
    {
        _wake = true;
        _idle = false;
        Monitor.PulseAll(_gate);
    }

    private void Run()
    {
        while (true)
        {
            bool stopping;
            lock (_gate)
            {
                _wake = false;
                stopping = _stopping;
            }

            bool failed = false;
            bool worked = false;
            try
            {
                worked = SealOne() || FreeOne() || (!stopping && MakeOne());
                if (worked)
                    SetProblem(null);
            }
            catch (IOException e)
            {
                failed = true;
                SetProblem(e);
            }

            if (worked)
                continue;
            if (stopping)
                return;
            WaitForWork(failed);
        }
    }

    private void WaitForWork(bool failed)
    {
        bool pressed;
        lock (_gate)
            pressed = _ready.Count < _settings.ReserveSegments + _settings.ReadySegments;
        if (pressed)
            OnPressure?.Invoke();
        lock (_gate)
        {
            if (_wake && !failed)
                return;
            _idle = true;
            Monitor.PulseAll(_gate);
            if (failed)
                WaitLocked(_settings.RetryDelay);
            else
                while (!_wake)
                    Monitor.Wait(_gate);
        }
    }

    // After a failure a wake-up does not hurry: the medium gets its time.
    private void WaitLocked(TimeSpan delay)
    {
        long until = Environment.TickCount64 + (long)delay.TotalMilliseconds;
        while (!_stopping)
        {
            long left = until - Environment.TickCount64;
            if (left <= 0)
                return;
            _idle = true;
            Monitor.Wait(_gate, (int)left);
        }
    }

    private void SetProblem(IOException? problem)
    {
        bool isNews;
        lock (_gate)
        {
            isNews = problem is not null && _problem is null;
            _problem = problem;
        }

        if (isNews)
            DiskLog.SegmentWorkFailed(_logger, problem!);
    }

    private bool SealOne()
    {
        JournalSegment? segment;
        lock (_gate)
        {
            if (!_full.TryPeek(out segment))
                return false;
        }

        // Taken out first: a segment that cannot be sealed stays as it is, to be read whole at the next start.
        lock (_gate)
            _full.Dequeue();
        bool isSealed;
        try
        {
            isSealed = SegmentFormatter.Seal(segment);
        }
        catch (IOException e)
        {
            DiskLog.SealingFailed(_logger, segment.File.Path, e);
            isSealed = false;
        }

        segment.Index?.Dispose();
        segment.Index = null;
        if (isSealed)
            _index.SetPhase(segment, SegmentPhase.Sealed);
        return true;
    }

    private bool FreeOne()
    {
        JournalSegment? segment = _index.FindDead();
        if (segment is null)
            return false;
        SegmentFormatter.MarkFreed(segment.File, segment.Generation);
        _index.CompleteFree(segment);
        lock (_gate)
        {
            _ready.Enqueue(segment.File);
            Monitor.PulseAll(_gate);
        }

        return true;
    }

    private bool MakeOne()
    {
        lock (_gate)
        {
            if (_ready.Count >= _settings.ReserveSegments + _settings.ReadySegments || _fileCount >= _settings.MaxSegments)
                return false;
        }

        long started = Environment.TickCount64;
        SegmentFile file = _formatter.Make(done => Pause(started, done));
        lock (_gate)
        {
            _fileCount++;
            _ready.Enqueue(file);
            Monitor.PulseAll(_gate);
        }

        return true;
    }

    // Leaves the device to the journal for a while, unless the journal has nothing to write to.
    private void Pause(long started, double done)
    {
        lock (_gate)
        {
            while (!_stopping && _waiting == 0)
            {
                long pause = _pace.GetPause(started, Environment.TickCount64, done);
                if (pause == 0)
                    return;
                Monitor.Wait(_gate, (int)pause);
            }
        }
    }
}
