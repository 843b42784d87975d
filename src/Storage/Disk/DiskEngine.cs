using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Files;
using SlimtaFast.Storage.Disk.Journal;
using SlimtaFast.Storage.Disk.Reading;

namespace SlimtaFast.Storage.Disk;

/// <summary>An open disk storage: its parts wired together. Thread-safe.</summary>
internal sealed class DiskEngine : IDisposable
{
    private readonly List<IDisposable> _locks;
    private readonly StorageIndex _index;
    private readonly SegmentKeeper _keeper;
    private readonly JournalWriter _writer;
    private readonly WorkerThreads _workers;
    private readonly ItemReader _reader;
    private readonly StorageMetrics _metrics;
    private readonly int _damages;

    private DiskEngine(
        List<IDisposable> locks, StorageIndex index, SegmentKeeper keeper, JournalWriter writer, WorkerThreads workers, ItemReader reader, StorageMetrics metrics, int damages)
    {
        _locks = locks;
        _index = index;
        _keeper = keeper;
        _writer = writer;
        _workers = workers;
        _reader = reader;
        _metrics = metrics;
        _damages = damages;
    }

    /// <summary>Locks, recovers and opens. Blocks.</summary>
    /// <exception cref="StorageException">Another process has the folder, or it cannot be read.</exception>
    public static DiskEngine Open(DiskStorageOptions options, IFileLayer files, ILogger logger)
    {
        DiskFolders folders = DiskFolders.Of(options);
        List<IDisposable> locks = [];
        List<IDisposable> opened = [];
        try
        {
            foreach (string folder in new[] { folders.Env, folders.Meta, folders.Tmp, folders.Journal }.Distinct(StringComparer.Ordinal))
            {
                files.CreateDirectory(folder);
                locks.Add(files.Lock(Path.Combine(folder, ".lock")));
            }

            return OpenLocked(options, folders, files, logger, locks, opened);
        }
        catch (Exception e)
        {
            opened.Reverse();
            foreach (IDisposable one in opened.Concat(locks))
                one.Dispose();
            if (e is IOException io)
                throw new StorageException(DiskError.Classify(io), e.Message, e);
            throw;
        }
    }

    /// <summary>Starts a content too large to wait in memory.</summary>
    public static ContentWriter BeginContent(QueueId id) => new PooledContentWriter(id, int.MaxValue, null, static _ => throw new InvalidOperationException());

    /// <summary>Hands items, a state or a closing to the journal.</summary>
    public ValueTask CommitAsync(
        RequestClass requestClass, IReadOnlyList<QueueItem> items, QueueId id, DeliveryState? state, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        ItemRequest request;
        try
        {
            request = ItemRequest.Rent(requestClass, items, id, state);
        }
        catch (ObjectDisposedException e)
        {
            return ValueTask.FromException(e);
        }

        if (!_writer.TryEnqueue(request))
            request.Complete(new StorageException(StorageFailure.Stopping, "The storage is being closed."));
        return request.WaitAsync(cancellationToken);
    }

    /// <summary>Reads an item back.</summary>
    public ValueTask<QueueItem?> ReadAsync(QueueId id) => _index.Contains(id) ? _reader.ReadAsync(id) : ValueTask.FromResult<QueueItem?>(null);

    /// <summary>Names what is stored at the time of the call, oldest first.</summary>
    public async IAsyncEnumerable<QueueEntry> LoadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (QueueId id in _index.SortedIds())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_index.TryGetEntry(id, out QueueEntry entry))
                yield return entry;
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    /// <summary>Figures.</summary>
    public StorageInfo GetInfo()
    {
        bool failing = _writer.Problem is not null;
        bool full = !_keeper.HasRoomForNewMail;
        string? problem = failing ? "The journal cannot be written: " + _writer.Problem!.Message
            : full ? "The journal is full: " + (_keeper.Problem?.Message ?? "it has its maximum size.")
            : _damages > 0 ? "Damaged data was found at start and set aside; see the log."
            : null;
        return new StorageInfo(_index.Count, _index.Octets, !failing && !full, problem);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer.Dispose();
        _keeper.Dispose();
        _workers.Dispose();
        foreach (JournalSegment segment in _index.Segments())
            segment.File.Dispose();
        _metrics.Dispose();
        foreach (IDisposable one in _locks)
            one.Dispose();
    }

    private static DiskEngine OpenLocked(
        DiskStorageOptions options, DiskFolders folders, IFileLayer files, ILogger logger, List<IDisposable> locks, List<IDisposable> opened)
    {
        long started = Stopwatch.GetTimestamp();
        JournalSettings settings = Settings(options, folders, files);
        SegmentKeeper? keeper = null;
        var index = new StorageIndex(() => keeper?.Wake());
        RecoveredJournal recovered = new JournalRecovery(files, settings, index, logger).Run();
        index.EndFileScan();
        DiskLog.Recovered(logger, index.Count, index.Segments().Length, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);

        var metrics = new StorageMetrics();
        opened.Add(metrics);
        var workers = new WorkerThreads("spool reader", options.ReaderThreads);
        opened.Add(workers);
        keeper = new SegmentKeeper(files, settings, index, logger);
        opened.Add(keeper);
        var writer = new JournalWriter(settings, recovered.Position, index, keeper, metrics, logger);
        opened.Add(writer);
        keeper.Start(recovered.FreeFiles, recovered.FileCount);
        foreach (JournalSegment segment in recovered.Unsealed)
            keeper.Retire(segment);
        writer.Start();
        SegmentKeeper running = keeper;
        metrics.Observe(() => index.Count, () => index.LiveJournalOctets, () => running.FileCount, () => 0);
        return new DiskEngine(locks, index, keeper, writer, workers, new ItemReader(index, workers, logger), metrics, recovered.Damages);
    }

    private static JournalSettings Settings(DiskStorageOptions options, DiskFolders folders, IFileLayer files)
    {
        const long UsualMaximum = 4L * 1024 * 1024 * 1024;
        int segment = (int)JournalLayout.ToPage(options.SegmentBytes);
        long maximum = options.JournalMaxBytes ?? Math.Min(UsualMaximum, files.GetSpace(folders.Journal).FreeBytes / 2);
        int segments = (int)Math.Clamp(maximum / segment, 4, int.MaxValue);
        return new JournalSettings
        {
            Folder = folders.Journal,
            QuarantineFolder = folders.Quarantine,
            SegmentBytes = segment,
            MaxSegments = segments,
            ReserveSegments = Math.Max(1, segments / 16),
            MaxBatchBytes = Math.Min(4 * 1024 * 1024, segment / 2),
            OutcomeFlushDelay = options.OutcomeFlushDelay,
            RetryDelay = options.RetryDelay,
        };
    }
}
