using StackExchange.Redis;

namespace SlimtaFast.Storage.Redis.Connections;

/// <summary>
/// Waits until replicas have what was changed (WAIT), once for all changes that came together: the command holds up everything behind it on its
/// connection. Thread-safe.
/// </summary>
internal sealed class ReplicaWait
{
    private readonly IDatabase _database;
    private readonly int _replicas;
    private readonly TimeSpan _timeout;
    private readonly Lock _gate = new();
    private Task _current = Task.CompletedTask;
    private Task? _next;

    /// <summary>Waits for so many replicas, for so long, on the connection by which changes go: the server tells of those only.</summary>
    public ReplicaWait(IDatabase database, int replicas, TimeSpan timeout)
    {
        _database = database;
        _replicas = replicas;
        _timeout = timeout;
    }

    /// <summary>Ends when everything that was changed before the call is at the replicas.</summary>
    /// <exception cref="StorageException">It is not, in time.</exception>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        Task joined;
        lock (_gate)
        {
            // The one that runs may have been sent before this change was; the next one is sent after it.
            if (_next is null)
                _next = _current.IsCompleted ? StartAsync(Task.CompletedTask) : StartAsync(_current);
            joined = _next;
        }

        return joined.WaitAsync(cancellationToken);
    }

    private async Task StartAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        Task<RedisResult> sent;
        lock (_gate)
        {
            _current = _next!;
            _next = null;
            sent = _database.ExecuteAsync("WAIT", [_replicas, Math.Max(1, (int)(_timeout.TotalMilliseconds / 2))], CommandFlags.DemandMaster);
        }

        try
        {
            int have = (int)await sent.ConfigureAwait(false);
            if (have < _replicas)
                throw new StorageException(StorageFailure.DeadlinePassed, $"Only {have} of {_replicas} replicas have the change.");
        }
        catch (Exception trouble) when (RedisFault.IsKnown(trouble))
        {
            throw RedisFault.Translate(trouble);
        }
    }
}
