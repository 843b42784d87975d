using System.Diagnostics;
using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Files;
using SlimtaFast.Storage.Disk.Intake;
using SlimtaFast.Storage.Disk.Journal;
using SlimtaFast.Storage.Disk.Reading;
using SlimtaFast.Storage.Disk.Spool;

namespace SlimtaFast.Storage.Disk;

/// <summary>A disk storage without a journal: every message is made durable as files of its own. Thread-safe.</summary>
internal sealed class FileEngine : IStorageEngine
{
    // Each commit waits for the disk by itself; so many may do so at a time.
    private const int CommitThreads = 8;

    private readonly SpoolFiles _spool;
    private readonly StorageIndex _index;
    private readonly SpoolKeeper _keeper;
    private readonly LoadFeed _feed = new();
    private readonly DiskWorkers _readers;
    private readonly DiskWorkers _committers;
    private readonly ItemReader _reader;
    private readonly ContentPlacer _placer;
    private readonly StorageMetrics _metrics;
    private volatile StorageException? _problem;

    private FileEngine(DiskStorageOptions options, DiskFolders folders, IFileLayer files, ILogger logger, Opening opening)
    {
        _spool = opening.Keep(new SpoolFiles(files, folders.ToSpoolSettings(options), logger));
        RefuseJournal(folders, files, logger);
        _spool.RecoverParked();
        SpoolKeeper? keeper = null;
        _index = new StorageIndex(() => keeper?.Wake()) { HasUnseenFiles = _spool.Exists };
        _index.EndJournalRecovery();
        _metrics = opening.Keep(new StorageMetrics());
        _readers = opening.Keep(new DiskWorkers("storage reader", options.ReaderThreads));
        _committers = opening.Keep(new DiskWorkers("storage commit", CommitThreads));
        _reader = new ItemReader(_index, _spool, _readers, new JournalQuarantine(files, folders.Quarantine, logger), logger);
        _placer = new ContentPlacer(_index, _spool, int.MaxValue);
        _keeper = keeper = opening.Keep(new SpoolKeeper(_spool, _index, _feed, null, options.RetryDelay, logger));
        _metrics.Observe(() => _index.Count, static () => 0, static () => 0, () => _index.FileCount);
        _keeper.Start();
    }

    /// <summary>Locks and opens. Blocks.</summary>
    /// <exception cref="StorageException">Another process has the folder, it cannot be read, or there is mail in its journal.</exception>
    public static FileEngine Open(DiskStorageOptions options, IFileLayer files, ILogger logger)
    {
        using var opening = new Opening();
        var engine = new FileEngine(options, DiskFolders.Of(options), files, logger, opening);
        opening.Succeed();
        return engine;
    }

    /// <inheritdoc/>
    public ContentWriter BeginContent(QueueId id) => _spool.BeginContent(id);

    /// <inheritdoc/>
    public ValueTask WriteAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken) =>
        CommitAsync(items, default, null, cancellationToken);

    /// <inheritdoc/>
    public ValueTask ChangeAsync(QueueId id, DeliveryState? state, IReadOnlyList<QueueItem> bounces, CancellationToken cancellationToken) =>
        CommitAsync(bounces, id, state, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<QueueItem?> ReadAsync(QueueId id) =>
        _index.MayContain(id) ? _reader.ReadAsync(id) : ValueTask.FromResult<QueueItem?>(null);

    /// <inheritdoc/>
    public IAsyncEnumerable<QueueEntry> LoadAsync(CancellationToken cancellationToken) => ItemLoading.LoadAsync(_index, _feed, cancellationToken);

    /// <inheritdoc/>
    public StorageInfo GetInfo()
    {
        string? problem = _problem?.Message
            ?? (_spool.QuarantinedFiles > 0 ? "Damaged data was found and set aside; see the log and the quarantine folder." : null);
        return new StorageInfo(_index.Count, _index.Octets, _problem is null, problem);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _committers.Dispose();
        _keeper.Dispose();
        _readers.Dispose();
        _metrics.Dispose();
        _spool.Dispose();
    }

    private async ValueTask CommitAsync(IReadOnlyList<QueueItem> items, QueueId id, DeliveryState? state, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var commit = new FileCommit(_index, _spool, _placer, items, id, state);
        long started = Stopwatch.GetTimestamp();
        try
        {
            await commit.StartWithoutResultAsync(_committers).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            _problem = null;
            _metrics.Flushed(Stopwatch.GetElapsedTime(started), Math.Max(1, items.Count), 0);
        }
        catch (StorageException e)
        {
            // Health only: the next message is tried all the same.
            _problem = e;
            _metrics.FlushFailed();
            throw;
        }
        catch (OperationCanceledException e)
        {
            throw new StorageException(StorageFailure.DeadlinePassed, "The storage took longer than the caller would wait; the items are possibly stored.", e);
        }
    }

    // What is in a journal is mail too: it must be delivered, or moved to files, before the journal can be left alone.
    private void RefuseJournal(DiskFolders folders, IFileLayer files, ILogger logger)
    {
        var index = new StorageIndex(static () => { });
        using var recovery = new JournalRecovery(
            files, new JournalSettings { Folder = folders.Journal }, index, new JournalQuarantine(files, folders.Quarantine, logger), logger);
        recovery.Run();
        if (index.Count > 0 || index.HasClosed(_spool.Exists))
        {
            throw new StorageException(
                StorageFailure.Unavailable,
                $"The journal in {folders.Journal} is not empty, so it cannot be switched off: start once with it, and let the queue empty.");
        }
    }
}
