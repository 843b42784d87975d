using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Contents;
using SlimtaFast.Storage.Cloud.Exclusive;
using SlimtaFast.Storage.Cloud.Items;
using SlimtaFast.Storage.Cloud.Notices;
using SlimtaFast.Storage.Cloud.Records;
using SlimtaFast.Storage.Cloud.Recovery;
using SlimtaFast.Storage.Cloud.Schedule;

namespace SlimtaFast.Storage.Cloud;

/// <summary>
/// Keeps mail as objects, for any number of processes where the endpoint writes conditionally, and else for one. A message queue may tell of new items;
/// nothing is lost where it loses something. <c>docs/cloud-storage.md</c> says which objects there are and what a crash at each step leaves. Thread-safe.
/// </summary>
public sealed partial class CloudStorage : ISharedQueueStorage
{
    private const int AtOnce = 32;
    private const int PageSize = 1000;

    private readonly IObjectStore _objects;
    private readonly IMessageQueue? _queue;
    private readonly CloudStorageOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _name = Guid.NewGuid().ToString("n");
    private readonly RecordStore _records;
    private readonly ContentStore _contents;
    private readonly DueList _due;
    private readonly ItemClosing _closing;
    private readonly ClosingQueue _leftovers;
    private readonly StoreClock _clock;
    private readonly NoticeBoard? _board;
    private readonly HeldRecords _held = new();
    private readonly ItemCount _count = new();
    private readonly ItemClaims _claims;
    private readonly ItemChanges _changes;
    private readonly ItemPages _pages;
    private readonly ConcurrentDictionary<QueueId, Task> _writing = new();
    private readonly ConcurrentDictionary<Task, bool> _running = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Action> _watchers = [];
    private readonly TaskCompletionSource _swept = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SoleWriterStore? _sole;
    private Task _sweeping = Task.CompletedTask;
    private Task? _polling;
    private bool _isStarted;
    private int _closed;

    /// <summary>Makes a storage that <see cref="StartAsync"/> opens.</summary>
    /// <param name="objects">Where the mail is; disposed with the storage.</param>
    /// <param name="queue">What tells processes of new items, or null for looking now and then; disposed with the storage.</param>
    /// <param name="options">How it works; null for the defaults.</param>
    /// <param name="time">Our clock; leases go by the store's.</param>
    /// <param name="logger">Told of what an operator should know; null for nowhere.</param>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public CloudStorage(IObjectStore objects, IMessageQueue? queue, CloudStorageOptions? options, TimeProvider time, ILogger<CloudStorage>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(objects);
        ArgumentNullException.ThrowIfNull(time);
        _options = options ?? new CloudStorageOptions();
        _options.Validate();
        _objects = objects;
        _queue = queue;
        _time = time;
        _logger = logger ?? NullLogger<CloudStorage>.Instance;
        _records = new RecordStore(objects, _logger);
        _contents = new ContentStore(_records, _logger);
        _due = new DueList(_records);
        _closing = new ItemClosing(_records, _contents, _due);
        _leftovers = new ClosingQueue(_closing, _records, _logger);
        _clock = new StoreClock(time, _logger);
        _board = queue is null ? null : new NoticeBoard(queue, time, Notify, _logger);
        _claims = new ItemClaims(_records, _leftovers, _due, _clock, _held, _board, _options.Linger);
        _changes = new ItemChanges(_records, _closing, _due, _clock, _held, _count, _board, _logger);
        _pages = new ItemPages(_records, _clock);
    }

    /// <summary>Ends when everything was looked through once after the start; for tests.</summary>
    internal Task Swept => _swept.Task;

    /// <summary>Ends when what claims have found of closed items is gone; for tests.</summary>
    internal Task LeftoversGone => _leftovers.WhenIdleAsync();

    /// <inheritdoc/>
    /// <exception cref="StorageException">The store or the queue cannot be used, or one process only may use the store and another does.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _objects.StartAsync(cancellationToken).ConfigureAwait(false);
        ConditionalWrites found = _objects.Conditions == ConditionalWrites.None
            ? ConditionalWrites.None
            : await ConditionProbe.RunAsync(_objects, _name, cancellationToken).ConfigureAwait(false);
        if (found != ConditionalWrites.Atomic)
        {
            var place = new WriterPlace(_objects, _time, _options.SoleWriterTime, _logger);
            await place.TakeAsync(cancellationToken).ConfigureAwait(false);
            CloudLog.SoleWriter(_logger, _objects.Description, found);
            _records.Objects = _sole = new SoleWriterStore(_objects, place, found);
        }

        await _clock.SetAsync(_records.Objects, _name, cancellationToken).ConfigureAwait(false);
        if (_queue is not null)
            await _queue.StartAsync(cancellationToken).ConfigureAwait(false);
        var sweep = new StraySweep(_records, _contents, _closing, _due, _clock, _options.Linger);
        string? after = await CountAsync(null, 10, cancellationToken).ConfigureAwait(false);
        _isStarted = true;
        _sweeping = SweepAsync(sweep, after, _stop.Token);
    }

    /// <inheritdoc/>
    public ContentWriter BeginContent(QueueId id, long? sizeHint) => new CloudContentWriter(_contents, id, _time);

    /// <inheritdoc/>
    public ValueTask WriteAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken) => WriteAsync(items, TimeSpan.Zero, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask WriteAsync(IReadOnlyList<QueueItem> items, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (items.Count == 0)
            return;
        await RunAsync(
            () =>
            {
                ItemWriting writing = ItemWriting.Begin(_records, _contents, items);
                Task<bool> written = WriteAsync(writing, lease);
                foreach (QueueItem item in writing.Items)
                    _writing[item.Envelope.Id] = written;

                // Not by the write itself, which may have ended before it was noted.
                _ = written.ContinueWith(
                    _ =>
                    {
                        foreach (QueueItem item in writing.Items)
                            _writing.TryRemove(item.Envelope.Id, out Task? _);
                    },
                    TaskScheduler.Default);
                return written;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<QueueItem?> ReadAsync(QueueId id, CancellationToken cancellationToken)
    {
        ThrowIfUnusable();
        string name = ObjectNames.Item(id);

        // In this order: an item whose object is still there had no later record when it was asked for.
        StoredRecord? changed = await _records.ReadStateAsync(id, cancellationToken).ConfigureAwait(false);
        if (changed is { Record.Closed: true } || await _records.Objects.GetAsync(name, cancellationToken).ConfigureAwait(false) is not { } stored)
            return null;
        if (ItemObject.Read(stored.Bytes) is not { } item || item.Head.Item.Envelope.Id != id)
            throw _records.Damaged(name, "it cannot be read");
        if (changed is null && !await _records.IsCommittedAsync(item.Record, cancellationToken).ConfigureAwait(false))
        {
            changed = await _records.ReadStateAsync(id, cancellationToken).ConfigureAwait(false);
            if (changed is null or { Record.Closed: true })
                return null;
        }

        DeliveryState state = item.Head.Item.State;
        if (changed?.Record.State is { } block)
        {
            if (!EnvelopeSerializer.TryReadState(block, out QueueId of, out DeliveryState? read) || of != id || read!.Recipients.Count != state.Recipients.Count)
                throw _records.Damaged(ObjectNames.State(id), "its delivery state cannot be read");
            state = read;
        }

        return item.Head.WithContent(MakeContent(name, item)) with { State = state };
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<QueueEntry> LoadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ThrowIfUnusable();
        await _clock.EnsureAsync(_records.Objects, _name, cancellationToken).ConfigureAwait(false);
        await foreach (QueueEntry entry in ItemListing.ReadAsync(_records, _clock, cancellationToken).ConfigureAwait(false))
            yield return entry;
    }

    /// <inheritdoc/>
    public StorageInfo GetInfo()
    {
        string? problem = !_isStarted ? "The storage has not been started." : _closed != 0 ? "The storage is closed." : _sole?.Problem;
        return new StorageInfo(_count.Items, _count.Octets, problem is null, problem);
    }

    /// <summary>Ends what is on its way and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _sweeping.ConfigureAwait(false);
        await (_polling ?? Task.CompletedTask).ConfigureAwait(false);
        await Task.WhenAll(_running.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _leftovers.DisposeAsync().ConfigureAwait(false);
        if (_board is not null)
            await _board.DisposeAsync().ConfigureAwait(false);
        await _contents.WhenIdleAsync().ConfigureAwait(false);
        await _records.Objects.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private MessageContent MakeContent(string name, ItemObject item)
    {
        EnvelopeHead head = item.Head;
        if (item.Record.Content is not null)
            return new CloudContent(_contents, head.ContentId, head.ContentLength, head.ContentCrc, head.ContentTraits);
        if (item.Body.Length != head.ContentLength || Crc32C.Compute(item.Body.Span) != head.ContentCrc)
            throw _records.Damaged(name, "its content is not the one of its envelope");
        return new ItemContent(head.ContentId, head.ContentCrc, head.ContentTraits, item.Body);
    }

    // All of the items or none: those after the first are none until the first is there, which names them.
    private async Task<bool> WriteAsync(ItemWriting writing, TimeSpan lease)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            long begun = _time.GetTimestamp(), now = _clock.Now;
            await writing.WriteContentsAsync(CancellationToken.None).ConfigureAwait(false);
            QueueItem first = writing.Items[0];
            QueueItem[] others = [.. writing.Items.Skip(1)];
            ItemRecord[] records = [.. others.Select(item => writing.MakeRecord(item, lease, now) with { Under = first.Envelope.Id.ToString() })];
            bool[] added = await Task.WhenAll(others.Select((item, i) => writing.WriteAsync(item, records[i], CancellationToken.None))).ConfigureAwait(false);

            // What is older may be taken for left behind by a sweep that began before it was an item's.
            if (_time.GetElapsedTime(Math.Min(begun, writing.BegunAt ?? begun)) > _options.Linger / 2)
                throw new StorageException(StorageFailure.DeadlinePassed, $"{_objects.Description} took too long.");
            ItemRecord record = writing.MakeRecord(first, lease, now) with { Releases = others.Length == 0 ? null : [.. others.Select(static item => item.Envelope.Id.ToString())] };
            Task<bool> written = writing.WriteAsync(first, record, CancellationToken.None);
            Task marked = Task.WhenAll([_due.AddAsync(record.Marker, first.Envelope.Id, CancellationToken.None),
                .. others.Select((item, i) => _due.AddAsync(records[i].Marker, item.Envelope.Id, CancellationToken.None))]);
            try
            {
                await Task.WhenAll(written, marked).ConfigureAwait(false);
            }
            catch (StorageException trouble) when (written.IsCompletedSuccessfully)
            {
                // The items are there: who says that they are not has to take them away again.
                throw new StorageException(StorageFailure.DeadlinePassed, trouble.Message, trouble);
            }

            writing.NoteStored();
            Note(first.Envelope.Id, record, await written.ConfigureAwait(false));
            for (int i = 0; i < others.Length; i++)
                Note(others[i].Envelope.Id, records[i] with { Under = null }, added[i]);
            if (lease <= TimeSpan.Zero)
                _board?.Tell([(first.Envelope.Id, record), .. others.Select((item, i) => (item.Envelope.Id, records[i]))], now);
            return true;
        }
        catch (IOException trouble)
        {
            throw Unreadable(trouble);
        }
        finally
        {
            writing.Dispose();
        }
    }

    private static StorageException Unreadable(IOException trouble) => new(StorageFailure.Unavailable, $"A content could not be read: {trouble.Message}", trouble);

    private void Note(QueueId id, ItemRecord record, bool isNew)
    {
        if (!isNew)
            return;
        _count.Add(1);
        if (!record.Leased)
            return;
        _held.Note(id, new StoredRecord(record, null));
        _due.PassOver(record.Marker, id, record.Until);
    }

    // Counts so many pages, and tells where to go on.
    private async Task<string?> CountAsync(string? after, int pages, CancellationToken cancellationToken)
    {
        for (int i = 0; i < pages; i++)
        {
            ObjectPage page = await _records.Objects.ListAsync(ObjectNames.Items, after, PageSize, cancellationToken).ConfigureAwait(false);
            _count.Add(page.Objects.Count);
            if (!page.HasMore || page.Objects.Count == 0)
                return null;
            after = page.Objects[^1].Name;
        }

        return after;
    }

    private async Task SweepAsync(StraySweep sweep, string? uncounted, CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (uncounted is not null)
                    await CountAsync(uncounted, int.MaxValue, cancellationToken).ConfigureAwait(false);
                uncounted = null;
                SweepResult result = await sweep.RunAsync(cancellationToken).ConfigureAwait(false);
                CloudLog.Swept(_logger, _objects.Description, result.Items, result.Markers, result.Stray);
                if (result.Markers > 0)
                    Notify();
                _swept.TrySetResult();
                await _clock.SetAsync(_records.Objects, _name, cancellationToken).ConfigureAwait(false);
            }
            catch (StorageException trouble)
            {
                CloudLog.SweepFailed(_logger, _objects.Description, trouble);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(_options.SweepEvery, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Gives up waiting, not the work, which the storage waits for when it is closed.
    private async ValueTask<T> RunAsync<T>(Func<Task<T>> begin, CancellationToken cancellationToken)
    {
        ThrowIfUnusable();
        cancellationToken.ThrowIfCancellationRequested();
        Task<T> running = begin();
        if (!running.IsCompleted)
        {
            _running.TryAdd(running, true);
            _ = running.ContinueWith(static (ended, all) => ((ConcurrentDictionary<Task, bool>)all!).TryRemove(ended, out _), _running, TaskScheduler.Default);
        }

        return await running.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private void ThrowIfUnusable()
    {
        if (_closed != 0)
            throw new StorageException(StorageFailure.Stopping, "The storage is closed.");
        if (!_isStarted)
            throw new InvalidOperationException("The storage has not been started.");
    }

    private void Notify()
    {
        Action[] watchers;
        lock (_watchers)
            watchers = [.. _watchers];
        foreach (Action watcher in watchers)
            watcher();
    }
}
