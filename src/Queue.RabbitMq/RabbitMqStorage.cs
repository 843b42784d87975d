using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Mail;
using SlimtaFast.Queue.RabbitMq.Connections;
using SlimtaFast.Queue.RabbitMq.Consuming;
using SlimtaFast.Queue.RabbitMq.Messages;
using SlimtaFast.Queue.RabbitMq.Topology;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.RabbitMq;

/// <summary>
/// Keeps mail in the quorum queues of a RabbitMQ broker, for any number of edges and workers. A lease is a message that the broker has handed to us and that
/// we did not acknowledge; an outcome is the item's next state, published and confirmed before the present one is acknowledged. Thread-safe.
/// </summary>
/// <remarks>
/// What a broker's queue cannot do: nothing can be taken back out of it, so that <see cref="RemoveAsync(QueueId, CancellationToken)"/> does nothing for an
/// item that is not in our hands; several items are published one by one, so that they may be stored in part where that fails; and what an item's id finds
/// are the items that this process has. <c>docs/distributed-queue.md</c> says what follows from that.
/// </remarks>
public sealed class RabbitMqStorage : ISharedQueueStorage
{
    // Messages come back at once when a channel was lost, those that go to us among them.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeastRelease = TimeSpan.FromMilliseconds(500);

    // What stands in others' way is away for a while, so that it is not sent to and fro all the time.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan InTheWay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(30);

    private readonly RabbitMqOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ScratchContents _scratch;
    private readonly Publisher _publisher;
    private readonly ItemSender _sender;
    private readonly DeliveryTable _table;
    private readonly ConsumerLoop _loop;
    private readonly ContentSweep? _sweep;
    private readonly MessageIntake _intake;
    private readonly List<Action> _watchers = [];
    private readonly ITimer _look;
    private int _looking;
    private int _closed;

    /// <summary>Makes a storage that <see cref="StartAsync"/> connects.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="time">Tells what is due.</param>
    /// <param name="logger">Told of lost connections and of what is parked; null for nowhere.</param>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    /// <exception cref="IOException">The folder for large messages cannot be made.</exception>
    public RabbitMqStorage(RabbitMqOptions options, TimeProvider time, ILogger<RabbitMqStorage>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        options.Validate();
        _options = options;
        _time = time;
        _logger = logger ?? NullLogger<RabbitMqStorage>.Instance;
        _scratch = new ScratchContents(options.ScratchDirectory);
        var topology = new BrokerTopology(options.Prefix, options.IsSingle);
        _publisher = new Publisher(options, topology, time, _logger);
        _sender = new ItemSender(_publisher, topology, options, time, _logger);
        _table = new DeliveryTable(options.Prefetch, Patience, time, Notify);
        _intake = new MessageIntake(_table, _sender, options, time, _logger, Notify);
        _loop = new ConsumerLoop(options, topology, _publisher, _table, _intake, time, _logger);
        _look = time.CreateTimer(static storage => _ = ((RabbitMqStorage)storage!).LookAsync(), this, LookEvery, LookEvery);
        _sweep = options.Contents is null ? null : new ContentSweep(options.Contents, options.ContentAge, time, _logger);
    }

    /// <inheritdoc/>
    public bool LeasesNewItems => false;

    /// <inheritdoc/>
    public bool ClaimsById => false;

    /// <inheritdoc/>
    /// <exception cref="StorageException">
    /// The broker cannot be reached, with <see cref="RabbitMqOptions.StartPatience"/> where none of its nodes listens, or has queues of these names that are made otherwise.
    /// </exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_options.Contents is not null)
            await _options.Contents.StartAsync(cancellationToken).ConfigureAwait(false);
        await _publisher.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ContentWriter BeginContent(QueueId id, long? sizeHint) => _scratch.Begin(id);

    /// <summary>
    /// Ends when the broker has confirmed all items. Where it fails for one of several, others may be stored, and the failure is
    /// <see cref="StorageFailure.DeadlinePassed"/>.
    /// </summary>
    public async ValueTask WriteAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        cancellationToken.ThrowIfCancellationRequested();
        if (items.Count == 1)
        {
            await _sender.SendAsync(items[0], cancellationToken).ConfigureAwait(false);
            return;
        }

        Task[] sent = [.. items.Select(item => _sender.SendAsync(item, cancellationToken))];
        try
        {
            await Task.WhenAll(sent).ConfigureAwait(false);
        }
        catch (StorageException trouble) when (sent.Any(static task => task.IsCompletedSuccessfully))
        {
            throw new StorageException(StorageFailure.DeadlinePassed, $"The message is stored in part: {trouble.Message}", trouble);
        }
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(IReadOnlyList<QueueItem> items, TimeSpan lease, CancellationToken cancellationToken) => WriteAsync(items, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask UpdateAsync(QueueId id, DeliveryState state, IReadOnlyList<QueueItem> bounces, CancellationToken cancellationToken)
    {
        if (_table.Find(id) is not { } delivery || !await UpdateAsync(new QueueLease(id, delivery.Epoch), state, bounces, TimeSpan.Zero, cancellationToken).ConfigureAwait(false))
            await WriteAsync(bounces, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> UpdateAsync(QueueLease lease, DeliveryState state, IReadOnlyList<QueueItem> bounces, TimeSpan bounceLease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(bounces);
        if (_table.Find(lease) is not { } delivery || state.Version <= delivery.Version)
            return false;
        if (!await IsOursAsync(delivery, cancellationToken).ConfigureAwait(false))
            return false;

        // Whatever ends this process here, the message is handed out anew as it was, or there are both: never neither.
        if (bounces.Count > 0)
            await WriteAsync(bounces, cancellationToken).ConfigureAwait(false);
        if (!state.IsClosed)
        {
            int partition = state.RoutingDomain is { } domain ? Partitions.Of(domain) : delivery.Partition;
            await _sender.SendNextAsync(delivery.Message, state, partition, cancellationToken).ConfigureAwait(false);
        }

        ConsumerRun run = delivery.Run;
        ulong tag = delivery.Tag;
        _table.Settle(delivery);
        await run.TryAcknowledgeAsync(tag).ConfigureAwait(false);
        if (state.IsClosed && delivery.Message.IsReferenced)
            await RemoveContentAsync(lease.Id).ConfigureAwait(false);
        return true;
    }

    /// <summary>Forgets an item that this process has. Of others nothing happens: a broker's queue gives nothing back but to a worker.</summary>
    public async ValueTask RemoveAsync(QueueId id, CancellationToken cancellationToken)
    {
        if (_table.Find(id) is { } delivery)
            await RemoveAsync(new QueueLease(id, delivery.Epoch), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> RemoveAsync(QueueLease lease, CancellationToken cancellationToken)
    {
        if (_table.Find(lease) is not { } delivery || !await IsOursAsync(delivery, cancellationToken).ConfigureAwait(false))
            return false;
        ConsumerRun run = delivery.Run;
        ulong tag = delivery.Tag;
        _table.Settle(delivery);
        await run.TryAcknowledgeAsync(tag).ConfigureAwait(false);
        if (delivery.Message.IsReferenced)
            await RemoveContentAsync(lease.Id).ConfigureAwait(false);
        return true;
    }

    /// <summary>Reads an item that this process has; null for every other.</summary>
    /// <exception cref="StorageException">Whether it is still ours is not known at present, or its content cannot be read.</exception>
    public async ValueTask<QueueItem?> ReadAsync(QueueId id, CancellationToken cancellationToken)
    {
        if (_table.Find(id) is not { } delivery || !await IsOursAsync(delivery, cancellationToken).ConfigureAwait(false))
            return null;
        if (!delivery.Message.IsReferenced)
            return delivery.MakeItem(null);
        if (_options.Contents is { } store && await store.OpenAsync(delivery.Message.Head, cancellationToken).ConfigureAwait(false) is { } content)
            return delivery.MakeItem(content);
        string reason = _options.Contents is null ? "its content is in a store for contents, and this worker has none" : "its content is not in the store for contents";
        _table.Leave(delivery);
        await _intake.ParkAsync(delivery.Run, delivery.Partition, delivery.Tag, id.ToString(), delivery.Message.Body, reason).ConfigureAwait(false);
        return null;
    }

    /// <summary>Names the items that this process has; nobody can look through a broker's queue.</summary>
    public async IAsyncEnumerable<QueueEntry> LoadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (HeldDelivery delivery in _table.All)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return EntryOf(delivery);
        }
    }

    /// <inheritdoc/>
    public ValueTask<ClaimResult> ClaimDueAsync(int max, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed) != 0, this);
        _loop.Start();
        _sweep?.Start();
        var claimed = new List<HeldDelivery>();
        bool more = _table.Claim(max, lease, claimed);
        return ValueTask.FromResult(new ClaimResult([.. claimed.Select(static delivery => new ClaimedItem(EntryOf(delivery), delivery.Epoch))], more ? TimeSpan.Zero : null));
    }

    /// <summary>Not to be had: a broker's queue hands its messages out in its own order only.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public ValueTask<ClaimedItem?> ClaimAsync(QueueId id, TimeSpan lease, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A broker's queue hands nothing out by its id.");

    /// <inheritdoc/>
    /// <exception cref="StorageException">The broker gives no sign of life, so that nothing is known.</exception>
    public async ValueTask<RenewResult> RenewAsync(IReadOnlyList<QueueLease> leases, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(leases);
        await _loop.ProveAsync(cancellationToken).ConfigureAwait(false);
        if (_loop.Since > Patience)
            _table.LeaveLost();
        return new RenewResult(_table.Renew(leases, lease), [], null);
    }

    /// <inheritdoc/>
    public async ValueTask PingAsync(CancellationToken cancellationToken)
    {
        await _loop.ProveAsync(cancellationToken).ConfigureAwait(false);

        // Whoever only delivers may publish nothing for hours: nobody else would make this connection again, and nothing would be claimed without it.
        await _publisher.OpenAsync(cancellationToken).ConfigureAwait(false);
        if (_publisher.Problem is { } problem)
            throw new StorageException(StorageFailure.Unavailable, problem);
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(IReadOnlyList<LeaseRelease> releases, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(releases);
        await Task.WhenAll(releases.Select(release => ReleaseAsync(release).AsTask())).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IDisposable Watch(Action notice)
    {
        ArgumentNullException.ThrowIfNull(notice);
        lock (_watchers)
            _watchers.Add(notice);
        return new Watcher(this, notice);
    }

    /// <summary>The messages that this process has, and whether the broker takes more; how much waits in the broker is the broker's to tell.</summary>
    public StorageInfo GetInfo()
    {
        (int count, long octets) = _table.Size;
        string? problem = _publisher.Problem;
        return new StorageInfo(count, octets, problem is null, problem);
    }

    /// <summary>Closes the connections; what is in our hands is handed to others then.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        await _look.DisposeAsync().ConfigureAwait(false);
        if (_sweep is not null)
            await _sweep.DisposeAsync().ConfigureAwait(false);
        await _loop.DisposeAsync().ConfigureAwait(false);
        await _publisher.DisposeAsync().ConfigureAwait(false);
    }

    private static QueueEntry EntryOf(HeldDelivery delivery)
    {
        EnvelopeHead head = delivery.Message.Head;
        Envelope envelope = head.Item.Envelope;
        return new QueueEntry(envelope.Id, head.Item.State.DueAt, head.Item.State.Attempts, head.Item.Domain, envelope.AddedHeaders.Length + head.ContentLength, Urgency.Of(envelope));
    }

    // False where it is another worker's; an exception where that is not known yet.
    private async ValueTask<bool> IsOursAsync(HeldDelivery delivery, CancellationToken cancellationToken)
    {
        if (delivery.IsOurs || await delivery.WaitAsync(cancellationToken).ConfigureAwait(false))
            return true;
        if (!delivery.IsGone && !(_loop.Since > Patience))
            throw new StorageException(StorageFailure.Unavailable, "The connection to the broker was lost, and whose the message is now is not known yet.");
        _table.Leave(delivery);
        return false;
    }

    private async ValueTask ReleaseAsync(LeaseRelease release)
    {
        if (_table.Find(release.Lease) is not { } delivery)
            return;
        TimeSpan delay = release.DueAt - _time.GetUtcNow();
        ConsumerRun run = delivery.Run;
        ulong tag = delivery.Tag;
        if (delay > LeastRelease && delivery.IsOurs)
        {
            await _sender.SendOnAsync(delivery.Message, delivery.Partition, release.DueAt, delay).ConfigureAwait(false);
            _table.Leave(delivery);
            await run.TryAcknowledgeAsync(tag).ConfigureAwait(false);
            return;
        }

        _table.Leave(delivery);
        await ReturnAsync(delivery, run, tag).ConfigureAwait(false);
    }

    // What nobody attempted must not count as one of the attempts that nobody survived.
    private async ValueTask ReturnAsync(HeldDelivery delivery, ConsumerRun run, ulong tag)
    {
        try
        {
            if (delivery.IsAlone && run.IsOpen)
            {
                await _sender.SendAloneAsync(delivery.Message).ConfigureAwait(false);
                await run.TryAcknowledgeAsync(tag).ConfigureAwait(false);
                return;
            }
        }
        catch (StorageException trouble)
        {
            RabbitMqLog.SendingOnFailed(_logger, delivery.Message.Id.ToString(), trouble);
        }

        await run.ReturnAsync(tag).ConfigureAwait(false);
    }

    private async Task LookAsync()
    {
        if (Interlocked.Exchange(ref _looking, 1) != 0)
            return;
        try
        {
            List<HeldDelivery> overdue = _table.TakeOverdue();
            if (overdue.Count > 0)
                RabbitMqLog.GivenBack(_logger, overdue.Count);
            foreach (HeldDelivery delivery in overdue)
                await ReturnAsync(delivery, delivery.Run, delivery.Tag).ConfigureAwait(false);
            await Task.WhenAll(_table.TakeInTheWay(InTheWay).Select(delivery => SendAwayAsync(delivery))).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    private async Task SendAwayAsync(HeldDelivery delivery)
    {
        try
        {
            TimeSpan time = Away * (1 + Random.Shared.NextDouble());
            await _sender.SendOnAsync(delivery.Message, delivery.Partition, _time.GetUtcNow() + time, time).ConfigureAwait(false);
            await delivery.Run.TryAcknowledgeAsync(delivery.Tag).ConfigureAwait(false);
        }
        catch (StorageException trouble)
        {
            RabbitMqLog.SendingOnFailed(_logger, delivery.Message.Id.ToString(), trouble);
            await delivery.Run.ReturnAsync(delivery.Tag).ConfigureAwait(false);
        }
    }

    private async ValueTask RemoveContentAsync(QueueId id)
    {
        try
        {
            if (_options.Contents is { } store)
                await store.RemoveAsync(id, CancellationToken.None).ConfigureAwait(false);
        }
        catch (StorageException trouble)
        {
            RabbitMqLog.ContentStays(_logger, id, trouble);
        }
    }

    private void Notify()
    {
        Action[] watchers;
        lock (_watchers)
            watchers = [.. _watchers];
        foreach (Action notice in watchers)
            notice();
    }

    private sealed class Watcher(RabbitMqStorage storage, Action notice) : IDisposable
    {
        public void Dispose()
        {
            lock (storage._watchers)
                storage._watchers.Remove(notice);
        }
    }
}
