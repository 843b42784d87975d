using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Reclaim;
using SlimtaFast.Storage.Disk.Spool;

namespace SlimtaFast.Storage.Disk;

/// <summary>
/// Looks after the spool files on a thread of its own: at start it finds out what there is, then it deletes the files of closed items and
/// empties old segments of the journal. Nobody waits for it. Thread-safe.
/// </summary>
internal sealed class SpoolKeeper : IDisposable
{
    private const int ReleasesAtOnce = 64;
    private const int EntriesAtOnce = 256;

    private readonly SpoolFiles _spool;
    private readonly StorageIndex _index;
    private readonly LoadFeed _feed;
    private readonly Reclaimer? _reclaimer;
    private readonly TimeSpan _retryDelay;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private readonly List<FileRelease> _taken = [];
    private readonly HashSet<QueueId> _unnamed = [];
    private readonly HashSet<QueueId> _ahead = [];
    private QueueId _scannedTo;
    private bool _scanned;
    private bool _wake;
    private bool _stopping;

    /// <summary>Makes a keeper; <see cref="Start"/> sets it to work. Without a journal there is no reclaimer.</summary>
    public SpoolKeeper(SpoolFiles spool, StorageIndex index, LoadFeed feed, Reclaimer? reclaimer, TimeSpan retryDelay, ILogger logger)
    {
        _spool = spool;
        _index = index;
        _feed = feed;
        _reclaimer = reclaimer;
        _retryDelay = retryDelay;
        _logger = logger;
        _thread = new Thread(Run) { IsBackground = true, Name = "spool keeper" };
    }

    /// <summary>Begins to work.</summary>
    public void Start() => _thread.Start();

    /// <summary>Has it look for work.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _wake = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Deletes what is left to delete and ends.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.Pulse(_gate);
        }

        if (_thread.IsAlive)
            _thread.Join();
        _feed.Complete();
    }

    private void Run()
    {
        bool wasFailing = false;
        while (true)
        {
            bool stopping;
            lock (_gate)
            {
                stopping = _stopping;
                _wake = false;
            }

            TimeSpan pause;
            try
            {
                pause = Work(stopping);
                wasFailing = false;
            }
            catch (Exception e) when (e is IOException or StorageException)
            {
                pause = _retryDelay;
                if (!wasFailing)
                    DiskLog.SpoolWorkFailed(_logger, e);
                wasFailing = true;
            }

            if (stopping)
                break;
            lock (_gate)
            {
                if (pause != TimeSpan.Zero && !_stopping && (wasFailing || !_wake))
                    Monitor.Wait(_gate, pause);
            }
        }

        _reclaimer?.End();
    }

    private TimeSpan Work(bool stopping)
    {
        if (!_scanned && !stopping)
            Scan();
        DeleteReleased();
        if (!_scanned || stopping)
            return TimeSpan.Zero;
        if (_unnamed.Count > 0)
            QuarantineUnnamed();
        return _reclaimer?.Step() ?? Timeout.InfiniteTimeSpan;
    }

    // Goes on where a failure stopped it. Files of items that are closed meanwhile wait: deleting them contends with the readers for the
    // folder, and made the scan of a million files ten times as long.
    private void Scan()
    {
        var found = new List<QueueId>(EntriesAtOnce);
        foreach (SpoolEntry entry in _spool.Scan(TakeAhead))
        {
            // What went ahead may be delivered and closed by now, which its files do not show.
            if (entry.Name <= _scannedTo || _ahead.Contains(entry.Name))
                continue;
            _scannedTo = entry.Name;
            if (entry.Kind == SpoolEntryKind.Content)
            {
                if (!_index.UsesContentFile(entry.Name))
                    _unnamed.Add(entry.Name);
            }
            else if (entry.Kind == SpoolEntryKind.Item)
            {
                _index.AddFromFiles(entry);
                found.Add(entry.Name);
            }

            // The first ones at once, so that delivery begins before everything is seen.
            if (found.Count < (_feed.HasAny ? EntriesAtOnce : 1))
                continue;
            _feed.Add([.. found]);
            found.Clear();
            if (Volatile.Read(ref _stopping))
                return;
        }

        _feed.Add([.. found]);
        _index.EndFileScan();
        ForgetItemsWithoutContent();
        _scanned = true;
        _feed.Complete();
        _ahead.Clear();
    }

    // Once: where the scan is begun again, the first ones are out already.
    private void TakeAhead(IReadOnlyList<SpoolEntry> entries)
    {
        if (_feed.HasAny)
            return;
        foreach (SpoolEntry entry in entries)
        {
            _ahead.Add(entry.Name);
            _index.AddFromFiles(entry);
        }

        _feed.AddAhead([.. _ahead]);
    }

    // An item whose content's file is not there was never acknowledged: its write had failed, or its answer was not sent.
    private void ForgetItemsWithoutContent()
    {
        foreach (QueueId content in _index.ContentFilesInUse())
        {
            if (_spool.Exists(content))
                continue;
            foreach (QueueId item in _index.ForgetItemsOf(content))
                DiskLog.ContentMissing(_logger, item, content);
        }
    }

    private void DeleteReleased()
    {
        while (true)
        {
            while (_taken.Count < ReleasesAtOnce && _index.TryTakeRelease(out FileRelease release))
                _taken.Add(release);
            if (_taken.Count == 0)
                return;
            _spool.Remove([.. _taken.Select(static release => release.Name)]);
            foreach (FileRelease release in _taken)
                _index.CompleteRelease(release);
            _taken.Clear();
        }
    }

    // Never deleted: nobody knows why they are there.
    private void QuarantineUnnamed()
    {
        foreach (QueueId name in _unnamed)
        {
            if (!_index.UsesContentFile(name))
                _spool.Quarantine(name, "no item names it");
        }

        _unnamed.Clear();
    }
}
