using SlimtaFast.Mail;
using SlimtaFast.Storage.Redis.Connections;
using SlimtaFast.Storage.Redis.Scripts;
using StackExchange.Redis;

namespace SlimtaFast.Storage.Redis.Items;

/// <summary>
/// Writes of single items. Those that come while others are on their way go together as one script: the server, which flushes what it was sent at once, and
/// the client have as much to do for a group as for one. Thread-safe.
/// </summary>
internal sealed class GroupedWrites
{
    private const int MostItems = 64;
    private const int MostOctets = 1024 * 1024;

    private readonly RedisConnection _redis;
    private readonly int _mostGroups;
    private readonly Lock _gate = new();
    private readonly Lock _sending = new();
    private readonly LinkedList<Write> _waiting = new();
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

    /// <summary>Ends when what was taken from those that wait is on its lane, so that what follows is behind it.</summary>
    public void Settle()
    {
        _sending.Enter();
        _sending.Exit();
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
                    sent = _redis.ChangeAsync(ScriptText.Write, 0, group[0].Id, MakeValues(group), CancellationToken.None).AsTask();
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

    private RedisValue[] MakeValues(List<Write> group)
    {
        var values = new RedisValue[3 + group.Sum(static write => write.Values.Length)];
        values[0] = _redis.Keys.PrefixOf(0);
        values[1] = _redis.Keys.Channel;
        values[2] = group[0].Lease;
        int at = 3;
        foreach (Write write in group)
        {
            write.Values.CopyTo(values, at);
            at += write.Values.Length;
        }

        return values;
    }

    private sealed record Write(QueueId Id, string Lease, RedisValue[] Values, long Octets)
    {
        // Whoever wrote goes on elsewhere: the next group waits for nobody.
        public TaskCompletionSource<long> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
