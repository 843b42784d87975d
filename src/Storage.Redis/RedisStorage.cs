using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Redis.Connections;
using SlimtaFast.Storage.Redis.Items;
using SlimtaFast.Storage.Redis.Pieces;
using SlimtaFast.Storage.Redis.Scripts;
using StackExchange.Redis;

namespace SlimtaFast.Storage.Redis;

/// <summary>
/// Keeps mail in Redis, for any number of processes: a hash for each item (<c>slimta:ID</c>, with <c>envelope</c>, <c>timestamp</c> and
/// <c>attempts</c>), and a sorted set of due times. Every change is one script, so that it happens whole or not at all. What Redis acknowledges is as
/// durable as the server is set up; a warning at start tells where it would lose mail. Thread-safe.
/// </summary>
public sealed partial class RedisStorage : ISharedQueueStorage
{
    private static readonly TimeSpan FirstRebuildPause = TimeSpan.FromSeconds(1);

    // For items that somebody holds when the set of due times is lost. Nobody knows here how long his leases last: long enough that he renews them before
    // (four times in a lease, which is a minute as a rule), and no longer than mail may wait whose holder died.
    private static readonly TimeSpan LeaseAfterLoss = TimeSpan.FromMinutes(10);

    private readonly RedisStorageOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RedisConnection _redis;
    private readonly PieceStore _pieces;
    private readonly ItemReader _reader;
    private readonly ItemListing _listing;
    private readonly ItemPages _pages;
    private readonly ItemPlaces _places;
    private readonly ItemLeases _leases;
    private readonly ItemCounts _counts;
    private readonly GroupedWrites _writes;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Action> _watchers = [];
    private Task _rebuilding = Task.CompletedTask;
    private volatile Task _look = Task.CompletedTask;
    private bool _isStarted;
    private int _closed;

    /// <summary>Makes a storage that <see cref="StartAsync"/> connects.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="time">Tells whether an item is due already; leases go by the server's clock.</param>
    /// <param name="logger">Told of lost connections and of servers that would lose mail; null for nowhere.</param>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public RedisStorage(RedisStorageOptions options, TimeProvider time, ILogger<RedisStorage>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        options.Validate();
        _options = options;
        _time = time;
        _logger = logger ?? NullLogger<RedisStorage>.Instance;
        _redis = new RedisConnection(options, _logger);
        _pieces = new PieceStore(_redis);
        _reader = new ItemReader(_redis, _pieces, _logger);
        _listing = new ItemListing(_redis, _reader);
        _pages = new ItemPages(_redis, _reader);
        _places = new ItemPlaces(_redis);
        _counts = new ItemCounts(_redis.Keys.Places);
        _leases = new ItemLeases(_redis, _places, _counts);
        _writes = new GroupedWrites(_redis, options.Lanes);
    }

    /// <summary>Ends when all keys were looked through after the start; for tests.</summary>
    internal Task Rebuilding => _rebuilding;

    /// <inheritdoc/>
    /// <exception cref="StorageException">No server can be reached.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _redis.OpenAsync(cancellationToken).ConfigureAwait(false);
        _isStarted = true;
        await DurabilityCheck.RunAsync(_redis, _options.Replicas, _logger).ConfigureAwait(false);
        for (int place = 0; place < _redis.Keys.Places; place++)
        {
            RedisKey due = _redis.Keys.Due(place);
            _counts.Note(place, await _redis.AskAsync(database => database.SortedSetLengthAsync(due, flags: CommandFlags.DemandMaster), cancellationToken).ConfigureAwait(false));
        }

        await _redis.AskAsync(
            async _ =>
            {
                await _redis.Multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Literal(_redis.Keys.Channel), (_, _) => Notify()).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        _look = LookThroughAsync(_stop.Token);
        _rebuilding = RebuildAsync(_stop.Token);
    }

    /// <inheritdoc/>
    public ContentWriter BeginContent(QueueId id, long? sizeHint) => new RedisContentWriter(_pieces, _redis.Keys.HomeOf(id), id);

    /// <inheritdoc/>
    public ValueTask WriteAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken) => WriteAsync(items, TimeSpan.Zero, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask WriteAsync(IReadOnlyList<QueueItem> items, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (items.Count == 0)
            return;
        cancellationToken.ThrowIfCancellationRequested();
        int place = ItemWriter.PlaceOf(_pieces, _redis.Keys, items);
        using ItemWriter writer = ItemWriter.Begin(_pieces, items, place);
        long count = await EndAsync(SendAsync(writer, items[0], place, lease, cancellationToken), writer).ConfigureAwait(false);
        writer.Answered();
        writer.Stored();
        _counts.Note(place, count);
        if (lease <= TimeSpan.Zero)
            return;
        foreach (QueueItem item in items)
            _places.Note(item.Envelope.Id, place);
    }

    /// <inheritdoc/>
    public async ValueTask UpdateAsync(QueueId id, DeliveryState state, IReadOnlyList<QueueItem> bounces, CancellationToken cancellationToken)
    {
        // In a cluster the item may be elsewhere; where it is nowhere the bounces are still added.
        bool asksFirst = _redis.Keys.Places > 1;
        UpdateStatus status = await UpdateAsync(id, "", state, bounces, asksFirst ? TimeSpan.FromMilliseconds(-1) : TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        if (status != UpdateStatus.NoSuchItem || !asksFirst)
            return;
        await _places.FindAsync(id, cancellationToken).ConfigureAwait(false);
        await UpdateAsync(id, "", state, bounces, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> UpdateAsync(QueueLease lease, DeliveryState state, IReadOnlyList<QueueItem> bounces, TimeSpan bounceLease, CancellationToken cancellationToken) =>
        await UpdateAsync(lease.Id, Number(lease.Epoch), state, bounces, bounceLease, cancellationToken).ConfigureAwait(false) is UpdateStatus.Done or UpdateStatus.DoneBefore;

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(QueueId id, CancellationToken cancellationToken)
    {
        // Its writing may still be on its way.
        await _writes.SettleAsync(cancellationToken).ConfigureAwait(false);
        int place = _places[id];
        await _redis.SettleAsync(place, cancellationToken).ConfigureAwait(false);
        if (await RemoveAsync(id, "", cancellationToken).ConfigureAwait(false) != UpdateStatus.NoSuchItem)
            return;
        for (int other = 0; other < _redis.Keys.Places; other++)
        {
            if (other != place)
                await _redis.SettleAsync(other, cancellationToken).ConfigureAwait(false);
        }

        if (await _places.FindAsync(id, cancellationToken).ConfigureAwait(false) >= 0)
            await RemoveAsync(id, "", cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> RemoveAsync(QueueLease lease, CancellationToken cancellationToken) =>
        await RemoveAsync(lease.Id, Number(lease.Epoch), cancellationToken).ConfigureAwait(false) == UpdateStatus.Done;

    /// <inheritdoc/>
    public async ValueTask<QueueItem?> ReadAsync(QueueId id, CancellationToken cancellationToken)
    {
        QueueItem? item = await _reader.ReadAsync(_places[id], id, cancellationToken).ConfigureAwait(false);
        if (item is not null)
            return item;
        int place = await _places.FindAsync(id, cancellationToken).ConfigureAwait(false);
        _places.Forget(id);
        return place < 0 ? null : await _reader.ReadAsync(place, id, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="StorageException">A server cannot be asked, or not all that waits can be named yet: looking through the keys failed.</exception>
    public IAsyncEnumerable<QueueEntry> LoadAsync(CancellationToken cancellationToken) => _listing.ListAsync(_look, cancellationToken);

    /// <inheritdoc/>
    public StorageInfo GetInfo()
    {
        string? problem = _isStarted ? _redis.Problem : "The storage has not been started.";
        long items = _counts.Items;
        return new StorageInfo(items, ItemCounts.EstimateOctets(items), problem is null, problem);
    }

    /// <summary>Closes the connection. What was handed over but not answered is possibly stored.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _rebuilding.ConfigureAwait(false);
        await _redis.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    // A single item may go together with others; several that belong together are a script of their own.
    private async ValueTask<long> SendAsync(ItemWriter writer, QueueItem first, int place, TimeSpan lease, CancellationToken cancellationToken)
    {
        if (writer.IsOneInline && _redis.Keys.Places == 1)
        {
            RedisValue[] item = await MakeAsync(writer, [], cancellationToken).ConfigureAwait(false);
            return await _writes.WriteAsync(first.Envelope.Id, Milliseconds(lease), item, first.Envelope.Length, cancellationToken).ConfigureAwait(false);
        }

        RedisValue[] values = await MakeAsync(writer, [_redis.Keys.PrefixOf(place), _redis.Keys.Channel, Milliseconds(lease)], cancellationToken).ConfigureAwait(false);
        return await _writes.WriteAloneAsync(place, first.Envelope.Id, values, cancellationToken).ConfigureAwait(false);
    }

    // Items of which nothing is known may be there and name their contents, which must stay then. Where they are not, those go by themselves.
    private static async ValueTask<T> EndAsync<T>(ValueTask<T> storing, ItemWriter writer)
    {
        try
        {
            return await storing.ConfigureAwait(false);
        }
        catch (Exception trouble) when (trouble is OperationCanceledException or StorageException { Failure: StorageFailure.DeadlinePassed })
        {
            writer.Stored();
            throw;
        }
    }

    private static string Milliseconds(TimeSpan time) => Number((long)time.TotalMilliseconds);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private async ValueTask<RedisValue[]> MakeAsync(ItemWriter writer, RedisValue[] head, CancellationToken cancellationToken)
    {
        try
        {
            return await writer.MakeAsync(head, _time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception trouble) when (RedisFault.IsKnown(trouble))
        {
            throw RedisFault.Translate(trouble);
        }
        catch (IOException trouble)
        {
            throw new StorageException(StorageFailure.Unavailable, $"A content could not be read: {trouble.Message}", trouble);
        }
    }

    private async ValueTask<UpdateStatus> UpdateAsync(QueueId id, string epoch, DeliveryState state, IReadOnlyList<QueueItem> bounces, TimeSpan bounceLease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(bounces);
        cancellationToken.ThrowIfCancellationRequested();
        int place = _places[id];
        using ItemWriter writer = ItemWriter.Begin(_pieces, bounces, place);
        RedisValue[] values = await MakeAsync(writer, StateText.MakeHead(_redis.Keys, place, id, epoch, state, Milliseconds(bounceLease)), cancellationToken).ConfigureAwait(false);
        var answer = (RedisResult[])(await EndAsync(_redis.ChangeAsync(ScriptText.Update, place, id, values, cancellationToken), writer).ConfigureAwait(false))!;
        writer.Answered();
        UpdateStatus status = Read(place, answer);
        if (status != UpdateStatus.Refused)
        {
            writer.Stored();
            for (int i = 0; status != UpdateStatus.DoneBefore && bounceLease > TimeSpan.Zero && i < bounces.Count; i++)
                _places.Note(bounces[i].Envelope.Id, place);
        }

        _places.Forget(id);
        return status;
    }

    private async ValueTask<UpdateStatus> RemoveAsync(QueueId id, string epoch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int place = _places[id];
        RedisValue[] values = [_redis.Keys.PrefixOf(place), id.ToString(), epoch, (long)PieceStore.Linger.TotalMilliseconds];
        UpdateStatus status = Read(place, (RedisResult[])(await _redis.ChangeAsync(ScriptText.Remove, place, id, values, cancellationToken).ConfigureAwait(false))!);
        _places.Forget(id);
        return status;
    }

    private UpdateStatus Read(int place, RedisResult[] answer)
    {
        _counts.Note(place, (long)answer[1]);
        if (QueueId.TryParse((string?)answer[2], out QueueId content))
            _pieces.Unnamed(place, content);
        return (UpdateStatus)(int)answer[0];
    }

    private async Task RebuildAsync(CancellationToken cancellationToken)
    {
        TimeSpan pause = FirstRebuildPause;
        while (true)
        {
            try
            {
                await _look.ConfigureAwait(false);
                return;
            }
            catch (StorageException trouble)
            {
                if (cancellationToken.IsCancellationRequested)
                    return;
                RedisLog.RebuildFailed(_logger, _options.Prefix, trouble);
            }

            await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < TimeSpan.FromMinutes(1) ? pause * 2 : TimeSpan.FromMinutes(1);
            if (cancellationToken.IsCancellationRequested)
                return;
            _look = LookThroughAsync(cancellationToken);
        }
    }

    // One look through all keys. Whoever lists waits for it, or is told of its failure, until the next one begins.
    private async Task LookThroughAsync(CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            (long keys, long added, long foreign) = await _listing.RebuildAsync((place, ids) => RebuildAsync(place, ids, cancellationToken), cancellationToken).ConfigureAwait(false);
            RedisLog.Rebuilt(_logger, _options.Prefix, keys, added, foreign);
            if (added > 0)
                Notify();
        }
        catch (OperationCanceledException stopped)
        {
            throw new StorageException(StorageFailure.Stopping, "The storage is closed.", stopped);
        }
        catch (Exception trouble) when (RedisFault.IsKnown(trouble))
        {
            throw RedisFault.Translate(trouble);
        }
    }

    private async Task<(long Added, long Foreign)> RebuildAsync(int place, List<string> ids, CancellationToken cancellationToken)
    {
        RedisValue[] values = [_redis.Keys.PrefixOf(place), StateText.HeadStart, Milliseconds(LeaseAfterLoss), .. ids.Select(static id => (RedisValue)id)];
        var answer = (RedisValue[])(await _redis.RunAsync(ScriptText.Rebuild, place, values, cancellationToken).ConfigureAwait(false))!;

        // It runs beside writes, whose answers may have been noted before this one although they are later: where it changed nothing it has nothing to tell.
        if ((long)answer[0] > 0)
            _counts.Note(place, (long)answer[2]);
        return ((long)answer[0], (long)answer[1]);
    }
}
