using System.Threading.Tasks.Sources;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Spool;

namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>
/// New items, an item's next state with its bounces, or an item's removal, as one record; and the awaitable of who asked for it. Pooled:
/// given back when its result was fetched. The waiter may give up, the write goes on.
/// </summary>
internal sealed class ItemRequest : JournalRequest, IValueTaskSource
{
    [ThreadStatic]
    private static Stack<ItemRequest>? _pool;

    private const int MostPooled = 512;
    private const int Waiting = 0;
    private const int Done = 1;
    private const int GivenUp = 2;

    private static readonly Action<object?> GiveUp = static state => ((ItemRequest)state!).CompleteGivenUp();

    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private QueueItem[] _items = new QueueItem[1];
    private int _count;
    private QueueId _id;
    private DeliveryState? _state;
    private readonly List<QueueId> _held = [];
    private StorageIndex _index = null!;
    private RequestClass _class;
    private int _phase;

    /// <inheritdoc/>
    public override RequestClass Class => _class;

    /// <summary>Its new items, or bounces.</summary>
    public Span<QueueItem> Items => _items.AsSpan(0, _count);

    /// <summary>Takes a request from the pool and references to the contents of its items.</summary>
    /// <param name="index">Where the items will be.</param>
    /// <param name="requestClass">How it is treated.</param>
    /// <param name="items">New items, or bounces.</param>
    /// <param name="id">The item whose state changes; none for new items only.</param>
    /// <param name="state">Its next state; null closes it.</param>
    public static ItemRequest Rent(StorageIndex index, RequestClass requestClass, IReadOnlyList<QueueItem> items, QueueId id, DeliveryState? state)
    {
        ItemRequest request = (_pool ??= new Stack<ItemRequest>()).TryPop(out ItemRequest? pooled) ? pooled : new ItemRequest();
        request._index = index;
        request._class = requestClass;
        request._id = id;
        request._state = state;
        if (request._items.Length < items.Count)
            request._items = new QueueItem[items.Count];
        for (int i = 0; i < items.Count; i++)
        {
            if (!items[i].Envelope.Content.TryRetain())
            {
                request.ReleaseItems();
                throw new ObjectDisposedException("Content", $"The content of item {items[i].Envelope.Id} is already released.");
            }

            request._items[i] = items[i];
            request._count++;
        }

        return request;
    }

    /// <summary>Content files that are let go of when the request ends, however it does.</summary>
    public List<QueueId> Held => _held;

    /// <summary>The end of the write, or of the waiting for it. To be awaited exactly once, after the request was handed over.</summary>
    public ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
            _cancellation = cancellationToken.UnsafeRegister(GiveUp, this);
        return new ValueTask(this, _source.Version);
    }

    /// <inheritdoc/>
    public override BuildResult Build(RecordBuilder record, StorageIndex index, List<JournalPart> parts)
    {
        for (int i = 0; i < _count; i++)
        {
            QueueItem item = _items[i];
            if (index.IsStored(item.Envelope.Id))
                continue;
            MessageContent content = item.Envelope.Content;
            bool inFile = content is SpoolContent;
            if (!inFile)
                record.AddContent(content);
            PartFlags flags = inFile ? PartFlags.ContentInFile : PartFlags.None;
            if (item.State.RoutingDomain is not null)
                flags |= PartFlags.Rerouted;
            record.AddHead(item, flags);
            parts.Add(new JournalPart
            {
                Kind = PartKind.Head,
                Flags = flags,
                Id = item.Envelope.Id,
                ContentId = inFile ? content.Id : default,
                DueTicks = item.State.DueAt.UtcTicks,
                Attempts = item.State.Attempts,
                Version = item.State.Version,
                Length = item.Envelope.Length,
                Domain = item.Domain,
                Urgency = Urgency.Of(item.Envelope),
            });
        }

        if (!_id.IsNone)
            BuildChange(record, index, parts);
        return record.Parts == 0 ? BuildResult.Nothing : BuildResult.Record;
    }

    /// <inheritdoc/>
    public override void Complete(Exception? error)
    {
        ReleaseItems();
        foreach (QueueId content in _held)
            _index.LetGoOfContentFile(content);
        _held.Clear();
        _state = null;
        if (Interlocked.CompareExchange(ref _phase, Done, Waiting) != Waiting)
            return;
        if (error is null)
            _source.SetResult(true);
        else
            _source.SetException(error);
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    /// <inheritdoc/>
    public void GetResult(short token)
    {
        // Nobody may still be about to give up on it when it goes back to the pool.
        _cancellation.Dispose();
        try
        {
            _source.GetResult(token);
        }
        finally
        {
            // The journal thread still has one that was given up on; that one is left to the collector.
            if (Volatile.Read(ref _phase) == Done)
                Return();
        }
    }

    private void BuildChange(RecordBuilder record, StorageIndex index, List<JournalPart> parts)
    {
        if (!index.TryFind(_id, out StoredItem item))
            return;
        if (item.Has(StoredItemFlags.Closing))
            return;
        if (_state is null || _state.IsClosed)
        {
            QueueId content = index.ContentFileOf(_id);
            if (content.IsNone)
            {
                record.AddRaw(PartKind.Close, PartFlags.None, _id, []);
            }
            else
            {
                Span<byte> name = stackalloc byte[16];
                System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(name, content.Value);
                record.AddRaw(PartKind.Close, PartFlags.ContentInFile, _id, name);
            }

            parts.Add(new JournalPart { Kind = PartKind.Close, Id = _id, ContentId = content });
            return;
        }

        if (_state.Version <= item.Version)
            return;
        record.AddState(_id, _state);
        parts.Add(new JournalPart
        {
            Kind = PartKind.State,
            Id = _id,
            DueTicks = _state.DueAt.UtcTicks,
            Attempts = _state.Attempts,
            Version = _state.Version,
            Domain = _state.RoutingDomain,
        });
    }

    private void ReleaseItems()
    {
        for (int i = 0; i < _count; i++)
        {
            _items[i].Envelope.Content.Release();
            _items[i] = null!;
        }

        _count = 0;
    }

    private void CompleteGivenUp()
    {
        if (Interlocked.CompareExchange(ref _phase, GivenUp, Waiting) == Waiting)
            _source.SetException(new StorageException(StorageFailure.DeadlinePassed, "The storage took longer than the caller would wait; the items are possibly stored."));
    }

    private void Return()
    {
        _source.Reset();
        _cancellation = default;
        _phase = Waiting;
        _id = default;
        Stack<ItemRequest> pool = _pool ??= new Stack<ItemRequest>();
        if (pool.Count < MostPooled)
            pool.Push(this);
    }
}
