using System.Diagnostics;
using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Files;
using SlimtaFast.Storage.Disk.Intake;
using SlimtaFast.Storage.Disk.Journal;
using SlimtaFast.Storage.Disk.Reading;
using SlimtaFast.Storage.Disk.Reclaim;
using SlimtaFast.Storage.Disk.Spool;

namespace SlimtaFast.Storage.Disk;

/// <summary>A disk storage with a journal in front of its files: the parts wired together. Thread-safe.</summary>
internal sealed class JournalEngine : IStorageEngine
{
    private readonly StorageIndex _index;
    private readonly SpoolFiles _spool;
    private readonly SpoolKeeper _spoolKeeper;
    private readonly LoadFeed _feed;
    private readonly SegmentKeeper _keeper;
    private readonly JournalWriter _writer;
    private readonly DiskWorkers _readers;
    private readonly DiskWorkers _preparers;
    private readonly ItemReader _reader;
    private readonly ContentIntake _intake;
    private readonly StorageMetrics _metrics;
    private readonly IDisposable _lock;
    private readonly JournalQuarantine _quarantine;

    private JournalEngine(DiskStorageOptions options, DiskFolders folders, IFileLayer files, ILogger logger, Opening opening)
    {
        long started = Stopwatch.GetTimestamp();
        _spool = opening.Keep(new SpoolFiles(files, folders.ToSpoolSettings(options), logger));
        _spool.RecoverParked();
        files.CreateDirectory(folders.Journal);
        _lock = opening.Keep(files.Lock(Path.Combine(folders.Journal, SpoolFolders.LockName)));
        JournalSettings settings = Settings(options, folders, files);
        _index = new StorageIndex(Wake) { HasUnseenFiles = _spool.Exists };
        _quarantine = new JournalQuarantine(files, folders.Quarantine, logger);
        RecoveredJournal recovered = opening.Recover(new JournalRecovery(files, settings, _index, _quarantine, logger));
        DiskLog.Recovered(logger, _index.Count, _index.Segments().Length, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);

        _metrics = opening.Keep(new StorageMetrics());
        _readers = opening.Keep(new DiskWorkers("storage reader", options.ReaderThreads));
        _preparers = opening.Keep(new DiskWorkers("storage intake", 2));
        _feed = new LoadFeed();
        _keeper = opening.Keep(new SegmentKeeper(files, settings, _index, logger));
        _writer = opening.Keep(new JournalWriter(settings, recovered.Position, _index, _keeper, _metrics, logger));
        _reader = new ItemReader(_index, _spool, _readers, _quarantine, logger);
        var reclaim = new ReclaimSettings(Math.Max(2, settings.MaxSegments / 2), Math.Max(3, settings.MaxSegments * 3 / 4), options.SpoolAfter, options.SpoolFilesPerSecond);
        var placer = new ContentPlacer(_index, _spool, settings.SegmentBytes / 2);
        var reclaimer = new Reclaimer(_index, _keeper, _writer, _reader, _spool, placer, _metrics, reclaim);
        _spoolKeeper = opening.Keep(new SpoolKeeper(_spool, _index, _feed, reclaimer, options.RetryDelay, logger));
        _intake = new ContentIntake(placer, _writer, _preparers);
        _metrics.Observe(() => _index.Count, () => _index.LiveJournalOctets, () => _keeper.FileCount, () => _index.FileCount);

        _keeper.Start(recovered.FreeFiles, recovered.FileCount);
        _keeper.OnPressure = _spoolKeeper.Wake;
        foreach (JournalSegment segment in recovered.Unsealed)
            _keeper.Retire(segment);
        _writer.Start();
        _spoolKeeper.Start();
    }

    /// <summary>Locks, recovers and opens. Blocks.</summary>
    /// <exception cref="StorageException">Another process has the folder, or it cannot be read.</exception>
    public static JournalEngine Open(DiskStorageOptions options, IFileLayer files, ILogger logger)
    {
        using var opening = new Opening();
        var engine = new JournalEngine(options, DiskFolders.Of(options), files, logger, opening);
        opening.Succeed();
        return engine;
    }

    /// <inheritdoc/>
    public ContentWriter BeginContent(QueueId id) => _spool.BeginContent(id);

    /// <inheritdoc/>
    public ValueTask WriteAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken) =>
        CommitAsync(RequestClass.NewMail, items, default, null, cancellationToken);

    /// <inheritdoc/>
    public ValueTask ChangeAsync(QueueId id, DeliveryState? state, IReadOnlyList<QueueItem> bounces, CancellationToken cancellationToken) =>
        CommitAsync(RequestClass.Outcome, bounces, id, state, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<QueueItem?> ReadAsync(QueueId id) =>
        _index.MayContain(id) ? _reader.ReadAsync(id) : ValueTask.FromResult<QueueItem?>(null);

    /// <inheritdoc/>
    public IAsyncEnumerable<QueueEntry> LoadAsync(CancellationToken cancellationToken) => ItemLoading.LoadAsync(_index, _feed, cancellationToken);

    /// <inheritdoc/>
    public StorageInfo GetInfo()
    {
        IOException? failing = _writer.Problem;
        bool full = !_keeper.HasRoomForNewMail;
        string? problem = failing is not null ? "The journal cannot be written: " + failing.Message
            : full ? "The journal is full: " + (_keeper.Problem?.Message ?? "it has its maximum size.")
            : _quarantine.Count > 0 || _spool.QuarantinedFiles > 0 ? "Damaged data was found and set aside; see the log and the quarantine folder."
            : null;
        return new StorageInfo(_index.Count, _index.Octets, failing is null && !full, problem);
    }

    /// <summary>Finishes what was handed over and closes everything, in the order in which one needs the other.</summary>
    public void Dispose()
    {
        _preparers.Dispose();
        _writer.Dispose();
        _spoolKeeper.Dispose();
        _keeper.Dispose();
        _readers.Dispose();
        foreach (JournalSegment segment in _index.Segments())
            segment.File.Dispose();
        _metrics.Dispose();
        _lock.Dispose();
        _spool.Dispose();
    }

    private static JournalSettings Settings(DiskStorageOptions options, DiskFolders folders, IFileLayer files)
    {
        const long UsualMaximum = 8L * 1024 * 1024 * 1024;
        int segment = (int)JournalLayout.ToPage(options.SegmentBytes);
        long maximum = options.JournalMaxBytes ?? Math.Min(UsualMaximum, files.GetSpace(folders.Journal).FreeBytes / 2);
        int segments = (int)Math.Clamp(maximum / segment, 4, int.MaxValue);
        return new JournalSettings
        {
            Folder = folders.Journal,
            SegmentBytes = segment,
            MaxSegments = segments,
            ReserveSegments = Math.Clamp(segments / 16, 1, 2),
            MaxBatchBytes = Math.Min(4 * 1024 * 1024, segment / 2),
            OutcomeFlushDelay = options.OutcomeFlushDelay,
            RetryDelay = options.RetryDelay,
        };
    }

    private void Wake()
    {
        _keeper?.Wake();
        _spoolKeeper?.Wake();
    }

    private ValueTask CommitAsync(
        RequestClass requestClass, IReadOnlyList<QueueItem> items, QueueId id, DeliveryState? state, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        ItemRequest request;
        try
        {
            request = ItemRequest.Rent(_index, requestClass, items, id, state);
        }
        catch (ObjectDisposedException e)
        {
            return ValueTask.FromException(e);
        }

        ValueTask end = request.WaitAsync(cancellationToken);
        _intake.Take(request);
        return end;
    }
}
