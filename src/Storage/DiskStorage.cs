using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk;
using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.Storage;

/// <summary>
/// Keeps mail in a folder: new items and state changes go into a journal, where one flush makes many sessions' messages durable, and what
/// is large or waits long into files. Survives a crash or power cut at any instruction. Thread-safe.
/// </summary>
public sealed class DiskStorage : IQueueStorage
{
    private readonly DiskStorageOptions _options;
    private readonly IFileLayer _files;
    private readonly ILogger _logger;
    private IStorageEngine? _engine;
    private bool _closed;

    /// <summary>Makes a storage that <see cref="StartAsync"/> opens.</summary>
    /// <param name="options">Where and how mail is kept.</param>
    /// <param name="logger">Told of recovery, damage and trouble with the disk; null for nowhere.</param>
    public DiskStorage(DiskStorageOptions options, ILogger<DiskStorage>? logger = null)
        : this(options, logger ?? NullLogger<DiskStorage>.Instance, FileLayer.ForThisSystem())
    {
    }

    /// <summary>Makes a storage on another way to the disk.</summary>
    internal DiskStorage(DiskStorageOptions options, ILogger logger, IFileLayer files)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logger);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SegmentBytes, 64 * 1024, "SegmentBytes");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.SegmentBytes, 1024 * 1024 * 1024, "SegmentBytes");
        _options = options;
        _logger = logger;
        _files = files;
    }

    private IStorageEngine Engine => _closed
        ? throw new StorageException(StorageFailure.Stopping, "The storage is closed.")
        : _engine ?? throw new InvalidOperationException("The storage has not been started.");

    /// <inheritdoc/>
    /// <exception cref="StorageException">Another process has the folder, or it cannot be read.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => Task.Factory.StartNew(
        Open,
        cancellationToken,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    /// <inheritdoc/>
    public ContentWriter BeginContent(QueueId id, long? sizeHint) => Engine.BeginContent(id);

    /// <inheritdoc/>
    public ValueTask WriteAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        return items.Count == 0
            ? ValueTask.CompletedTask
            : Engine.WriteAsync(items, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask UpdateAsync(QueueId id, DeliveryState state, IReadOnlyList<QueueItem> bounces, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(bounces);
        return Engine.ChangeAsync(id, state, bounces, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask RemoveAsync(QueueId id, CancellationToken cancellationToken) =>
        Engine.ChangeAsync(id, null, [], cancellationToken);

    /// <inheritdoc/>
    public ValueTask<QueueItem?> ReadAsync(QueueId id, CancellationToken cancellationToken) => Engine.ReadAsync(id);

    /// <inheritdoc/>
    public IAsyncEnumerable<QueueEntry> LoadAsync(CancellationToken cancellationToken) => Engine.LoadAsync(cancellationToken);

    /// <inheritdoc/>
    public StorageInfo GetInfo() => Engine.GetInfo();

    /// <summary>Writes and flushes what was handed over, refuses everything new, and closes the files.</summary>
    public async ValueTask DisposeAsync()
    {
        _closed = true;
        IStorageEngine? engine = Interlocked.Exchange(ref _engine, null);
        if (engine is not null)
            await Task.Factory.StartNew(engine.Dispose, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
    }

    private void Open()
    {
        try
        {
            _engine = _options.Journal ? JournalEngine.Open(_options, _files, _logger) : FileEngine.Open(_options, _files, _logger);
        }
        catch (IOException e)
        {
            throw new StorageException(DiskError.Classify(e), "The spool cannot be opened: " + e.Message, e);
        }
    }
}
