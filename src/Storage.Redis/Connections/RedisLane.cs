using Microsoft.Extensions.Logging;
using SlimtaFast.Storage.Redis.Scripts;
using StackExchange.Redis;

namespace SlimtaFast.Storage.Redis.Connections;

/// <summary>
/// One of the connections to the servers, pipelined; once made it looks after itself. What is sent on one lane is done in the order in which it was sent.
/// Thread-safe.
/// </summary>
internal sealed class RedisLane : IAsyncDisposable
{
    private readonly ConnectionMultiplexer _multiplexer;
    private readonly ReplicaWait? _replicas;
    private long _turns;

    private RedisLane(ConnectionMultiplexer multiplexer, RedisStorageOptions options, ILogger logger)
    {
        _multiplexer = multiplexer;
        Database = multiplexer.GetDatabase(options.Database);
        _replicas = options.Replicas > 0 ? new ReplicaWait(Database, options.Replicas, options.Timeout) : null;
        _multiplexer.ConnectionFailed += (_, e) =>
        {
            Interlocked.Increment(ref _turns);
            RedisLog.ConnectionLost(logger, e.EndPoint, e.FailureType, e.Exception);
        };
        _multiplexer.ConnectionRestored += (_, e) =>
        {
            Interlocked.Increment(ref _turns);
            RedisLog.ConnectionRestored(logger, e.EndPoint);
        };
        _multiplexer.ConfigurationChanged += (_, _) => Interlocked.Increment(ref _turns);
        _multiplexer.ConfigurationChangedBroadcast += (_, _) => Interlocked.Increment(ref _turns);
    }

    /// <summary>The connection.</summary>
    public ConnectionMultiplexer Multiplexer => _multiplexer;

    /// <summary>
    /// The database by way of it. Whoever asks it for anything of an item demands the master: where none is connected the client would go to a replica,
    /// which may not have what was stored last, and has what was removed.
    /// </summary>
    public IDatabase Database { get; }

    /// <summary>Connects.</summary>
    public static async Task<RedisLane> OpenAsync(ConfigurationOptions configuration, RedisStorageOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        Task<ConnectionMultiplexer> connecting = ConnectionMultiplexer.ConnectAsync(configuration);
        ConnectionMultiplexer multiplexer;
        try
        {
            multiplexer = await connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // One that comes about all the same is nobody's.
            _ = connecting.ContinueWith(static late => late.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }

        var lane = new RedisLane(multiplexer, options, logger);
        try
        {
            // The client goes on as whoever needs no password where its own was refused.
            if (options.Password.Length > 0)
                await lane.Database.ExecuteAsync("AUTH", options.UserName.Length > 0 ? [options.UserName, options.Password] : [options.Password]).WaitAsync(cancellationToken).ConfigureAwait(false);
            await lane.Database.PingAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            return lane;
        }
        catch
        {
            await lane.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Runs a script.</summary>
    /// <param name="script">The script.</param>
    /// <param name="keys">Its keys.</param>
    /// <param name="values">Its arguments; not changed before the task has ended.</param>
    public async Task<RedisResult> RunAsync(ScriptText script, RedisKey[] keys, RedisValue[] values)
    {
        // By its name: the client would look its text up again for each use.
        try
        {
            return await Database.ScriptEvaluateAsync(script.Hash, keys, values, CommandFlags.DemandMaster).ConfigureAwait(false);
        }
        catch (RedisServerException unknown) when (unknown.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // It has not run. The client sends the text before it.
            return await Database.ScriptEvaluateAsync(script.Text, keys, values, CommandFlags.DemandMaster).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Sets keys and runs a script behind that, in one transaction. Null where the server does not do it so, or does not know the script: then the script by
    /// itself, with all it needs, does the same or tells why not.
    /// </summary>
    /// <param name="values">What is to be set; not changed before the task has ended.</param>
    /// <param name="script">The script.</param>
    /// <param name="keys">Its keys.</param>
    /// <param name="arguments">Its arguments; not changed before the task has ended.</param>
    public async Task<RedisResult?> TryRunBehindAsync(KeyValuePair<RedisKey, RedisValue>[] values, ScriptText script, RedisKey[] keys, RedisValue[] arguments)
    {
        ITransaction transaction = Database.CreateTransaction();
        _ = transaction.StringSetAsync(values, When.Always, CommandFlags.FireAndForget);
        Task<RedisResult> run = transaction.ScriptEvaluateAsync(script.Hash, keys, arguments, CommandFlags.DemandMaster);
        try
        {
            return await transaction.ExecuteAsync(CommandFlags.DemandMaster).ConfigureAwait(false) ? await run.ConfigureAwait(false) : null;
        }
        catch (RedisServerException refused) when (IsAnotherWay(refused))
        {
            return null;
        }
    }

    /// <summary>What <see cref="WaitForReplicasAsync"/> has to be told: taken before a change is sent.</summary>
    public long Turns => Volatile.Read(ref _turns);

    /// <summary>Ends when enough replicas have what was changed by way of this lane; at once where none are waited for.</summary>
    /// <exception cref="StorageException">It is not known of the change whether they have it.</exception>
    public async ValueTask WaitForReplicasAsync(long turns, CancellationToken cancellationToken)
    {
        if (_replicas is null)
            return;
        try
        {
            await _replicas.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException trouble) when (trouble.Failure != StorageFailure.DeadlinePassed)
        {
            throw new StorageException(StorageFailure.DeadlinePassed, $"It is not known whether replicas have the change: {trouble.Message}", trouble);
        }

        // Another connection, or another master, knows nothing of the change and is soon done with waiting.
        if (turns != Turns)
            throw new StorageException(StorageFailure.DeadlinePassed, "The connection to Redis changed before replicas were known to have the change.");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _multiplexer.DisposeAsync();

    // Discarded because a command was refused; or its user may not begin a transaction; or the script was not there to be run.
    private static bool IsAnotherWay(RedisServerException refused) =>
        refused.Message.StartsWith("EXECABORT", StringComparison.Ordinal) || refused.Message.Contains("without MULTI", StringComparison.Ordinal)
        || refused.Message.StartsWith("NOPERM", StringComparison.Ordinal) || refused.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal);
}
