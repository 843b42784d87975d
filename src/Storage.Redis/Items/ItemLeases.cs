using System.Globalization;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Redis.Connections;
using SlimtaFast.Storage.Redis.Scripts;
using StackExchange.Redis;

namespace SlimtaFast.Storage.Redis.Items;

/// <summary>
/// Hands items out, and takes them back. All places of a cluster are asked at once, and one that does not answer keeps nothing from the others.
/// Thread-safe.
/// </summary>
internal sealed class ItemLeases
{
    private readonly RedisConnection _redis;
    private readonly ItemPlaces _places;
    private readonly ItemCounts _counts;

    /// <summary>Leases by way of a connection.</summary>
    public ItemLeases(RedisConnection redis, ItemPlaces places, ItemCounts counts)
    {
        _redis = redis;
        _places = places;
        _counts = counts;
    }

    /// <summary>Hands out what is due, from each place its share.</summary>
    /// <exception cref="StorageException">No place has answered, or it is not known whether replicas have the leases, which then end by themselves.</exception>
    public async ValueTask<ClaimResult> ClaimAsync(int max, TimeSpan lease, CancellationToken cancellationToken)
    {
        int places = _redis.Keys.Places;
        int share = Math.Max(1, max / places);
        RedisLane lane = _redis.OpenLane(0);
        long turns = lane.Turns;
        var asked = new Task<RedisResult>[places];
        for (int place = 0; place < places; place++)
            asked[place] = _redis.RunAsync(ScriptText.Claim, place, [_redis.Keys.PrefixOf(place), share, Milliseconds(lease)], cancellationToken).AsTask();
        var items = new List<ClaimedItem>();
        var domains = new Dictionary<string, string>(StringComparer.Ordinal);
        long? next = null;
        StorageException? failure = null;
        int answers = 0;
        for (int place = 0; place < places; place++)
        {
            try
            {
                long? mine = ReadClaim(place, (RedisValue[])(await asked[place].ConfigureAwait(false))!, items, domains);
                next = mine is null ? next : Math.Min(next ?? long.MaxValue, mine.Value);
                answers++;
            }
            catch (StorageException trouble)
            {
                // One master of a cluster that is away must not keep the items of the others.
                failure = trouble;
            }
        }

        if (answers == 0)
            throw failure!;

        // A replica that became master without them would hand the items out again under the same epochs, and could not tell their holders apart.
        if (items.Count > 0)
            await lane.WaitForReplicasAsync(turns, cancellationToken).ConfigureAwait(false);
        return new ClaimResult(items, next is null ? null : TimeSpan.FromMilliseconds(next.Value));
    }

    /// <summary>Hands out one item, due or not; null where there is none, or somebody has it.</summary>
    /// <exception cref="StorageException">Where it would be has not answered, or it is not known whether replicas have the lease, which then ends by itself.</exception>
    public async ValueTask<ClaimedItem?> ClaimOneAsync(QueueId id, TimeSpan lease, CancellationToken cancellationToken)
    {
        (UpdateStatus status, ClaimedItem? item) = await ClaimAtAsync(_places[id], id, lease, cancellationToken).ConfigureAwait(false);
        if (status == UpdateStatus.NoSuchItem && await _places.FindAsync(id, cancellationToken).ConfigureAwait(false) is >= 0 and int place)
        {
            (_, item) = await ClaimAtAsync(place, id, lease, cancellationToken).ConfigureAwait(false);
            if (item is null)
                _places.Forget(id);
        }

        return item;
    }

    /// <summary>Makes leases end later.</summary>
    /// <exception cref="StorageException">No place has answered.</exception>
    public async ValueTask<RenewResult> RenewAsync(IReadOnlyList<QueueLease> leases, TimeSpan lease, CancellationToken cancellationToken)
    {
        IGrouping<int, QueueLease>[] groups = [.. leases.GroupBy(held => _places[held.Id])];
        var asked = new Task<RedisResult>[groups.Length];
        for (int i = 0; i < groups.Length; i++)
        {
            RedisValue[] values =
            [
                _redis.Keys.PrefixOf(groups[i].Key), Milliseconds(lease),
                .. groups[i].SelectMany(static held => new RedisValue[] { held.Id.ToString(), Number(held.Epoch) }),
            ];
            asked[i] = _redis.RunAsync(ScriptText.Renew, groups[i].Key, values, cancellationToken).AsTask();
        }

        var lost = new List<QueueLease>();
        var unknown = new List<QueueLease>();
        StorageException? failure = null;
        for (int i = 0; i < groups.Length; i++)
        {
            try
            {
                HashSet<string> gone = [.. (string[])(await asked[i].ConfigureAwait(false))!];
                lost.AddRange(groups[i].Where(held => gone.Contains(held.Id.ToString())));
            }
            catch (StorageException trouble)
            {
                // One master of a cluster that is away must not cost the leases of the others.
                failure = trouble;
                unknown.AddRange(groups[i]);
            }
        }

        if (failure is not null && unknown.Count == leases.Count)
            throw failure;
        foreach (QueueLease held in lost)
            _places.Forget(held.Id);
        return new RenewResult(lost, unknown, failure);
    }

    /// <summary>Gives items back.</summary>
    /// <exception cref="StorageException">Not all places have answered.</exception>
    public async ValueTask ReleaseAsync(IReadOnlyList<LeaseRelease> releases, DateTimeOffset now, CancellationToken cancellationToken)
    {
        IGrouping<int, LeaseRelease>[] groups = [.. releases.GroupBy(release => _places[release.Lease.Id])];
        var asked = new Task<RedisResult>[groups.Length];
        for (int i = 0; i < groups.Length; i++)
        {
            RedisValue[] values =
            [
                _redis.Keys.PrefixOf(groups[i].Key), _redis.Keys.Channel,
                .. groups[i].SelectMany(release => new RedisValue[]
                {
                    release.Lease.Id.ToString(), Number(release.Lease.Epoch), ItemWriter.DueScore(release.DueAt, now), Milliseconds(release.DueAt - now),
                }),
            ];
            asked[i] = _redis.RunAsync(ScriptText.Release, groups[i].Key, values, cancellationToken).AsTask();
        }

        // Whatever becomes of it, this process has to do with them no more.
        foreach (LeaseRelease release in releases)
            _places.Forget(release.Lease.Id);
        StorageException? failure = null;
        foreach (Task<RedisResult> one in asked)
        {
            try
            {
                await one.ConfigureAwait(false);
            }
            catch (StorageException trouble)
            {
                failure = trouble;
            }
        }

        if (failure is not null)
            throw failure;
    }

    /// <summary>Ends when one place at least would take a change, by any lane: outcomes go by all of them.</summary>
    /// <exception cref="StorageException">None would.</exception>
    public async ValueTask ProbeAsync(CancellationToken cancellationToken)
    {
        for (int lane = 0; lane < _redis.Lanes; lane++)
            await ProbeAsync(lane, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<(UpdateStatus Status, ClaimedItem? Item)> ClaimAtAsync(int place, QueueId id, TimeSpan lease, CancellationToken cancellationToken)
    {
        RedisValue[] values = [_redis.Keys.PrefixOf(place), id.ToString(), Milliseconds(lease)];
        RedisLane lane = _redis.OpenLane(0);
        long turns = lane.Turns;
        var answer = (RedisValue[])(await _redis.RunAsync(ScriptText.ClaimOne, place, values, cancellationToken).ConfigureAwait(false))!;
        _counts.Note(place, (long)answer[0]);
        var status = (UpdateStatus)(int)answer[1];
        if (status != UpdateStatus.Done)
            return (status, null);
        await lane.WaitForReplicasAsync(turns, cancellationToken).ConfigureAwait(false);
        _places.Note(id, place);
        return (status, new ClaimedItem(ItemText.ParseEntry(id, answer[3], answer[4], answer[5], []), (long)answer[2]));
    }

    private async ValueTask ProbeAsync(int lane, CancellationToken cancellationToken)
    {
        // A release of nothing is a change as far as the server is concerned: one that takes none for now refuses it.
        var asked = new Task<RedisResult>[_redis.Keys.Places];
        for (int place = 0; place < asked.Length; place++)
            asked[place] = _redis.RunAsync(lane, ScriptText.Release, place, [_redis.Keys.PrefixOf(place), _redis.Keys.Channel], cancellationToken).AsTask();
        StorageException? failure = null;
        int answers = 0;
        foreach (Task<RedisResult> one in asked)
        {
            try
            {
                await one.ConfigureAwait(false);
                answers++;
            }
            catch (StorageException trouble)
            {
                failure = trouble;
            }
        }

        if (answers == 0)
            throw failure!;
    }

    private static string Milliseconds(TimeSpan time) => Number((long)time.TotalMilliseconds);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private long? ReadClaim(int place, RedisValue[] answer, List<ClaimedItem> items, Dictionary<string, string> domains)
    {
        _counts.Note(place, (long)answer[0]);
        for (int at = 2; at < answer.Length; at += 5)
        {
            if (!QueueId.TryParse(answer[at].ToString(), out QueueId id))
                continue;
            _places.Note(id, place);
            items.Add(new ClaimedItem(ItemText.ParseEntry(id, answer[at + 2], answer[at + 3], answer[at + 4], domains), (long)answer[at + 1]));
        }

        return answer[1].IsNullOrEmpty ? null : (long)answer[1];
    }
}
