using System.Collections.Concurrent;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Redis.Connections;
using StackExchange.Redis;

namespace SlimtaFast.Storage.Redis.Items;

/// <summary>
/// Where items are in a cluster. What is written together stands together, so that it is one atomic step; so an item may be elsewhere than at its
/// home, and that is remembered while this process has to do with it. Thread-safe.
/// </summary>
internal sealed class ItemPlaces
{
    private readonly RedisConnection _redis;
    private readonly ConcurrentDictionary<QueueId, int> _away = new();

    /// <summary>Knows of nothing yet.</summary>
    public ItemPlaces(RedisConnection redis) => _redis = redis;

    /// <summary>Where an item is as far as is known, and else its home.</summary>
    public int this[QueueId id] => _redis.Keys.Places == 1 ? 0 : _away.TryGetValue(id, out int place) ? place : _redis.Keys.HomeOf(id);

    /// <summary>Notes where an item is.</summary>
    public void Note(QueueId id, int place)
    {
        if (_redis.Keys.Places > 1 && place != _redis.Keys.HomeOf(id))
            _away[id] = place;
    }

    /// <summary>Forgets an item that this process has to do with no more.</summary>
    public void Forget(QueueId id)
    {
        if (_redis.Keys.Places > 1)
            _away.TryRemove(id, out _);
    }

    /// <summary>Looks for an item at all places; -1 where it is nowhere.</summary>
    public async ValueTask<int> FindAsync(QueueId id, CancellationToken cancellationToken)
    {
        if (_redis.Keys.Places == 1)
            return -1;
        bool[] found = await _redis.AskAsync(
            id,
            database => Task.WhenAll(Enumerable.Range(0, _redis.Keys.Places).Select(place => database.HashExistsAsync(_redis.Keys.Item(place, id), "envelope", CommandFlags.DemandMaster))),
            cancellationToken).ConfigureAwait(false);
        int at = Array.IndexOf(found, true);
        if (at >= 0)
            Note(id, at);
        else
            Forget(id);
        return at;
    }
}
