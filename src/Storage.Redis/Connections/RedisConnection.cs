using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace SlimtaFast.Storage.Redis.Connections;

/// <summary>
/// The connection that carries everything, pipelined; once made it looks after itself. Runs scripts and says whose fault it is when one fails.
/// Thread-safe.
/// </summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    private readonly RedisStorageOptions _options;
    private readonly ILogger _logger;
    private readonly ReplicaWait? _replicas;
    private ConnectionMultiplexer? _multiplexer;
    private IDatabase? _database;
    private string? _problem;
    private bool _isDisposed;
    private long _turns;

    /// <summary>Makes a connection that <see cref="OpenAsync"/> opens.</summary>
    public RedisConnection(RedisStorageOptions options, ILogger logger)
    {
        _options = options;
        _logger = logger;
        Keys = new RedisKeys(options.Prefix, options.Cluster);
        _replicas = options.Replicas > 0 ? new ReplicaWait(this, options.Replicas, options.Timeout) : null;
    }

    /// <summary>The names of keys.</summary>
    public RedisKeys Keys { get; }

    /// <summary>The database; only for single commands whose failures the caller translates.</summary>
    public IDatabase Database => _isDisposed
        ? throw new ObjectDisposedException(nameof(RedisConnection))
        : _database ?? throw new InvalidOperationException("The storage has not been started.");

    /// <summary>The connection.</summary>
    public ConnectionMultiplexer Multiplexer => _multiplexer ?? throw new InvalidOperationException("The storage has not been started.");

    /// <summary>What is wrong at present, in words; null where all is well.</summary>
    public string? Problem => _multiplexer is { IsConnected: false } ? $"There is no connection to {Place}." : Volatile.Read(ref _problem);

    /// <summary>Where the servers are, for messages.</summary>
    public string Place => string.Join(", ", _options.Servers.Select(static server => $"{server.Key}:{server.Value}"));

    /// <summary>Connects.</summary>
    /// <exception cref="StorageException">No server can be reached.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            _multiplexer = await ConnectionMultiplexer.ConnectAsync(Configure()).WaitAsync(cancellationToken).ConfigureAwait(false);
            _database = _multiplexer.GetDatabase(_options.Database);

            // The client goes on as whoever needs no password where its own was refused.
            if (_options.Password.Length > 0)
                await _database.ExecuteAsync("AUTH", _options.UserName.Length > 0 ? [_options.UserName, _options.Password] : [_options.Password]).WaitAsync(cancellationToken).ConfigureAwait(false);
            await _database.PingAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception trouble) when (RedisFault.IsKnown(trouble))
        {
            throw new StorageException(StorageFailure.Unavailable, $"Redis at {Place} cannot be reached: {trouble.Message}", trouble);
        }

        _multiplexer.ConnectionFailed += (_, e) =>
        {
            Interlocked.Increment(ref _turns);
            RedisLog.ConnectionLost(_logger, e.EndPoint, e.FailureType, e.Exception);
        };
        _multiplexer.ConnectionRestored += (_, e) =>
        {
            Interlocked.Increment(ref _turns);
            RedisLog.ConnectionRestored(_logger, e.EndPoint);
        };
        _multiplexer.ConfigurationChanged += (_, _) => Interlocked.Increment(ref _turns);
        _multiplexer.ConfigurationChangedBroadcast += (_, _) => Interlocked.Increment(ref _turns);
    }

    /// <summary>Runs a script that changes what has to be durable.</summary>
    /// <param name="script">The script.</param>
    /// <param name="place">The place whose keys it uses.</param>
    /// <param name="values">Its arguments; not changed before the task has ended.</param>
    /// <param name="cancellationToken">Gives up waiting, not the script.</param>
    /// <exception cref="StorageException">It failed; it may have been run where the failure is a deadline.</exception>
    public async ValueTask<RedisResult> ChangeAsync(string script, int place, RedisValue[] values, CancellationToken cancellationToken)
    {
        long turns = Volatile.Read(ref _turns);
        RedisResult result = await RunAsync(script, place, values, cancellationToken).ConfigureAwait(false);
        if (_replicas is null)
            return result;
        try
        {
            await _replicas.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException trouble) when (trouble.Failure != StorageFailure.DeadlinePassed)
        {
            throw new StorageException(StorageFailure.DeadlinePassed, $"It is not known whether replicas have the change: {trouble.Message}", trouble);
        }

        // Another connection, or another master, knows nothing of the change and is soon done with waiting.
        return turns == Volatile.Read(ref _turns)
            ? result
            : throw new StorageException(StorageFailure.DeadlinePassed, "The connection to Redis changed before replicas were known to have the change.");
    }

    /// <summary>Runs a script of whose work nothing is lost when the server forgets it.</summary>
    /// <exception cref="StorageException">It failed.</exception>
    public async ValueTask<RedisResult> RunAsync(string script, int place, RedisValue[] values, CancellationToken cancellationToken)
    {
        try
        {
            RedisResult result = await Database.ScriptEvaluateAsync(script, [Keys.Due(place)], values).WaitAsync(cancellationToken).ConfigureAwait(false);
            if (_problem is not null)
                Volatile.Write(ref _problem, null);
            return result;
        }
        catch (Exception trouble) when (RedisFault.IsKnown(trouble))
        {
            StorageException failure = RedisFault.Translate(trouble);
            Volatile.Write(ref _problem, failure.Message);
            throw failure;
        }
    }

    /// <summary>Waits for the answer to a single command.</summary>
    /// <exception cref="StorageException">It failed.</exception>
    public async ValueTask<T> AskAsync<T>(Func<IDatabase, Task<T>> command, CancellationToken cancellationToken)
    {
        try
        {
            return await command(Database).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception trouble) when (RedisFault.IsKnown(trouble))
        {
            throw RedisFault.Translate(trouble);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        if (_multiplexer is not null)
            await _multiplexer.DisposeAsync().ConfigureAwait(false);
    }

    private ConfigurationOptions Configure()
    {
        int milliseconds = (int)_options.Timeout.TotalMilliseconds;
        var configuration = new ConfigurationOptions
        {
            User = _options.UserName.Length > 0 ? _options.UserName : null,
            Password = _options.Password.Length > 0 ? _options.Password : null,
            Ssl = _options.Tls,
            SslHost = _options.Tls && _options.Servers.Count == 1 ? _options.Servers[0].Key : null,
            ClientName = "slimtafast",
            ServiceName = _options.SentinelService.Length > 0 ? _options.SentinelService : null,
            AbortOnConnectFail = true,
            ConnectTimeout = milliseconds,
            AsyncTimeout = milliseconds,
            SyncTimeout = milliseconds,
            // Clients are told to come back at once, instead of being kept waiting for a server that is away.
            BacklogPolicy = BacklogPolicy.FailFast,
            // Never long: whoever delivered something while the server was away must be back before its outcome is overtaken by another attempt.
            ReconnectRetryPolicy = new ExponentialRetry(250, 2000),
        };
        foreach ((string host, int port) in _options.Servers)
            configuration.EndPoints.Add(host, port);
        return configuration;
    }
}
