using SlimtaFast.Mail;
using SlimtaFast.Storage.Redis.Connections;
using SlimtaFast.Storage.Redis.Scripts;
using StackExchange.Redis;

namespace SlimtaFast.Storage.Redis.Items;

/// <summary>
/// Writes of single items. Those that come while others are on their way go together as one script: the server, which flushes what it was sent at once, and
/// the client have as much to do for a group as for one. Contents go ahead of it, in the same transaction: a script reads each octet of its arguments
/// several times over. Thread-safe.
/// </summary>
internal sealed class GroupedWrites
{
    private const int MostItems = 64;
    private const int MostOctets = 1024 * 1024;

    // A smaller content is sooner read by the script than by a command of its own.
    private const int LeastAhead = 2 * 1024;

    private readonly RedisConnection _redis;
    private readonly int _mostGroups;
    private readonly Lock _gate = new();
    private readonly Lock _sending = new();
    private readonly LinkedList<Write> _waiting = new();
    private readonly HashSet<Task> _running = [];
    private int _groups;

    /// <summary>Writes by way of a connection.</summary>
    /// <param name="redis">The connection, of a server that has one place.</param>
    /// <param name="mostGroups">How many groups are on their way at once.</param>
    public GroupedWrites(RedisConnection redis, int mostGroups)
    {
        _redis = redis;
        _mostGroups = mostGroups;
    }

    /// <summary>Writes an item; the result is how many items there are.</summary>
    /// <param name="id">The item.</param>
    /// <param name="lease">For how long it is leased to this process, as the script's argument.</param>
    /// <param name="values">The item's arguments; not changed before they are sent.</param>
    /// <param name="octets">What they take.</param>
    /// <param name="cancellationToken">Gives up; an item that is still here is not written then.</param>
    /// <exception cref="StorageException">It failed, for all that went together; they may have been written where the failure is a deadline.</exception>
    public async ValueTask<long> WriteAsync(QueueId id, string lease, RedisValue[] values, long octets, CancellationToken cancellationToken)
    {
        var node = new LinkedListNode<Write>(new Write(id, lease, values, octets));
        bool starts;
        lock (_gate)
        {
            _waiting.AddLast(node);
            starts = _groups < _mostGroups;
            if (starts)
                _groups++;
        }

        if (starts)
            _ = SendAsync();
        try
        {
            return await node.Value.Done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                if (node.List is not null)
                    _waiting.Remove(node);
            }

            throw;
        }
    }

    /// <summary>Writes items that belong together, by themselves; the result is how many items there are.</summary>
    /// <param name="place">Where they are.</param>
    /// <param name="id">The first of them.</param>
    /// <param name="values">The script's arguments; not changed before they are sent.</param>
    /// <param name="cancellationToken">Gives up waiting, not the items.</param>
    /// <exception cref="StorageException">It failed; they may have been written where the failure is a deadline.</exception>
    public async ValueTask<long> WriteAloneAsync(int place, QueueId id, RedisValue[] values, CancellationToken cancellationToken)
    {
        Task<RedisResult> sent;
        lock (_sending)
            sent = Note(_redis.ChangeAsync(ScriptText.Write, place, id, values, CancellationToken.None).AsTask());
        return (long)await sent.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Ends when all that was taken from those that wait is answered, or has failed, so that what follows is behind it: being on its lane is not enough, since
    /// what the server did not take one way is sent another way.
    /// </summary>
    public async ValueTask SettleAsync(CancellationToken cancellationToken)
    {
        Task[] running;
        lock (_sending)
            running = [.. _running];

        // Those who wrote are told of what failed.
        await Task.WhenAll(running).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    // Under the lock.
    private Task<RedisResult> Note(Task<RedisResult> sent)
    {
        _running.Add(sent);
        _ = ForgetAsync(sent);
        return sent;
    }

    private async Task ForgetAsync(Task sent)
    {
        // Whoever wrote is told of what failed. Elsewhere, as the lock is held by who notes one that has ended already.
        await sent.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (_sending)
            _running.Remove(sent);
    }

    // Ends when nothing waits. Whatever happens to a group its writes are told.
    private async Task SendAsync()
    {
        var group = new List<Write>();
        while (true)
        {
            try
            {
                Task<RedisResult> sent;
                lock (_sending)
                {
                    if (!TakeGroup(group))
                        return;
                    sent = Note(StoreAsync(group));
                }

                RedisResult items = await sent.ConfigureAwait(false);
                long count = (long)items;
                foreach (Write write in group)
                    write.Done.SetResult(count);
            }
            catch (Exception trouble)
            {
                foreach (Write write in group)
                    write.Done.TrySetException(trouble is StorageException known ? new StorageException(known.Failure, known.Message, known) : trouble);
            }
        }
    }

    private bool TakeGroup(List<Write> group)
    {
        group.Clear();
        long octets = 0;
        lock (_gate)
        {
            while (_waiting.First is { Value: { } next }
                && (group.Count == 0 || (group.Count < MostItems && octets + next.Octets <= MostOctets && next.Lease == group[0].Lease)))
            {
                _waiting.RemoveFirst();
                group.Add(next);
                octets += next.Octets;
            }

            if (group.Count == 0)
                _groups--;
        }

        return group.Count > 0;
    }

    // Begins to send before it returns.
    private async Task<RedisResult> StoreAsync(List<Write> group)
    {
        RedisValue[] values = MakeValues(group);
        KeyValuePair<RedisKey, RedisValue>[] bodies = TakeBodies(group, values);
        if (bodies.Length > 0
            && await _redis.TryChangeAsync(bodies, ScriptText.Write, 0, group[0].Id, values, CancellationToken.None).ConfigureAwait(false) is { } items)
        {
            return items;
        }

        return await _redis.ChangeAsync(ScriptText.Write, 0, group[0].Id, bodies.Length > 0 ? MakeValues(group) : values, CancellationToken.None).ConfigureAwait(false);
    }

    private RedisValue[] MakeValues(List<Write> group)
    {
        var values = new RedisValue[3 + (group.Count * ItemWriter.Fields)];
        values[0] = _redis.Keys.PrefixOf(0);
        values[1] = _redis.Keys.Channel;
        values[2] = group[0].Lease;
        for (int i = 0; i < group.Count; i++)
            group[i].Values.CopyTo(values, 3 + (i * ItemWriter.Fields));
        return values;
    }

    private KeyValuePair<RedisKey, RedisValue>[] TakeBodies(List<Write> group, RedisValue[] values)
    {
        var bodies = new List<KeyValuePair<RedisKey, RedisValue>>(group.Count);
        for (int i = 0; i < group.Count; i++)
        {
            if (ItemWriter.TryTakeBody(values.AsSpan(3 + (i * ItemWriter.Fields), ItemWriter.Fields), LeastAhead, out RedisValue body))
                bodies.Add(new(_redis.Keys.Body(0, group[i].Id), body));
        }

        return [.. bodies];
    }

    private sealed record Write(QueueId Id, string Lease, RedisValue[] Values, long Octets)
    {
        // Whoever wrote goes on elsewhere: the next group waits for nobody.
        public TaskCompletionSource<long> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
