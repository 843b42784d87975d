using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Redis.Scripts;
using StackExchange.Redis;

namespace SlimtaFast.Storage.Redis.Connections;

/// <summary>
/// The way to the servers, by one or more lanes. Whatever changes or reads one item takes one lane, so that it is done in the order in which it was sent;
/// what has to do with many takes the first. A server reads little at a time from each connection and flushes what that was: with several it flushes more
/// at once. Runs scripts and says whose fault it is when one fails. Thread-safe.
/// </summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    private readonly RedisStorageOptions _options;
    private readonly ILogger _logger;
    private RedisLane[] _lanes = [];
    private string? _problem;
    private bool _isDisposed;

    /// <summary>Makes a connection that <see cref="OpenAsync"/> opens.</summary>
    public RedisConnection(RedisStorageOptions options, ILogger logger)
    {
        _options = options;
        _logger = logger;
        Keys = new RedisKeys(options.Prefix, options.Cluster);
    }

    /// <summary>The names of keys.</summary>
    public RedisKeys Keys { get; }

    /// <summary>The database by way of the first lane; only for single commands whose failures the caller translates.</summary>
    public IDatabase Database => Lane(0).Database;

    /// <summary>The first lane's connection.</summary>
    public ConnectionMultiplexer Multiplexer => Lane(0).Multiplexer;

    /// <summary>How many lanes there are.</summary>
    public int Lanes => _lanes.Length;

    /// <summary>What is wrong at present, in words; null where all is well.</summary>
    public string? Problem => Array.Exists(_lanes, static lane => !lane.Multiplexer.IsConnected) ? $"There is no connection to {Place}." : Volatile.Read(ref _problem);

    /// <summary>Where the servers are, for messages.</summary>
    public string Place => string.Join(", ", _options.Servers.Select(static server => $"{server.Key}:{server.Value}"));

    /// <summary>Connects.</summary>
    /// <exception cref="StorageException">No server can be reached.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        Task<RedisLane>[] lanes = [.. Enumerable.Range(0, _options.Lanes).Select(lane => RedisLane.OpenAsync(Configure(listens: lane == 0), _options, _logger, cancellationToken))];
        try
        {
            _lanes = await Task.WhenAll(lanes).ConfigureAwait(false);
        }
        catch (Exception trouble) when (RedisFault.IsKnown(trouble))
        {
            throw new StorageException(StorageFailure.Unavailable, $"Redis at {Place} cannot be reached: {trouble.Message}", trouble);
        }
        finally
        {
            // All have ended; those that were opened are nobody's.
            foreach (Task<RedisLane> lane in _lanes.Length > 0 ? [] : lanes)
            {
                if (lane.IsCompletedSuccessfully)
                    await (await lane.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>The lane of an item, or of a content; only for what failures the caller translates.</summary>
    public RedisLane LaneOf(QueueId id) => Lane(_lanes.Length == 0 ? 0 : RedisKeys.Spread(id, _lanes.Length));

    /// <summary>Runs a script that changes what has to be durable.</summary>
    /// <param name="script">The script.</param>
    /// <param name="place">The place whose keys it uses.</param>
    /// <param name="id">The item whose lane it takes.</param>
    /// <param name="values">Its arguments; not changed before the task has ended.</param>
    /// <param name="cancellationToken">Gives up waiting, not the script.</param>
    /// <exception cref="StorageException">It failed; it may have been run where the failure is a deadline.</exception>
    public async ValueTask<RedisResult> ChangeAsync(ScriptText script, int place, QueueId id, RedisValue[] values, CancellationToken cancellationToken)
    {
        RedisLane lane = OpenLaneOf(id);
        long turns = lane.Turns;
        RedisResult result = await RunAsync(lane.RunAsync(script, [Keys.Due(place)], values), cancellationToken).ConfigureAwait(false);
        await lane.WaitForReplicasAsync(turns, cancellationToken).ConfigureAwait(false);
        return result;
    }

    /// <summary>
    /// The same with some keys set before the script runs, in one step with it. Null where the server does not take it so; nothing is lost then, and the
    /// script by itself tells why.
    /// </summary>
    /// <param name="ahead">What is to be set; not changed before the task has ended.</param>
    /// <param name="script">The script.</param>
    /// <param name="place">The place whose keys it uses.</param>
    /// <param name="id">The item whose lane it takes.</param>
    /// <param name="values">The script's arguments; not changed before the task has ended.</param>
    /// <param name="cancellationToken">Gives up waiting, not the script.</param>
    /// <exception cref="StorageException">It failed; it may have been run where the failure is a deadline.</exception>
    public async ValueTask<RedisResult?> TryChangeAsync(
        KeyValuePair<RedisKey, RedisValue>[] ahead, ScriptText script, int place, QueueId id, RedisValue[] values, CancellationToken cancellationToken)
    {
        RedisLane lane = OpenLaneOf(id);
        long turns = lane.Turns;
        RedisResult? result = await RunAsync(lane.TryRunBehindAsync(ahead, script, [Keys.Due(place)], values), cancellationToken).ConfigureAwait(false);
        if (result is not null)
            await lane.WaitForReplicasAsync(turns, cancellationToken).ConfigureAwait(false);
        return result;
    }

    /// <summary>Runs a script of whose work nothing is lost when the server forgets it.</summary>
    /// <exception cref="StorageException">It failed.</exception>
    public ValueTask<RedisResult> RunAsync(ScriptText script, int place, RedisValue[] values, CancellationToken cancellationToken) => RunAsync(0, script, place, values, cancellationToken);

    /// <summary>The same by a certain lane.</summary>
    /// <exception cref="StorageException">It failed.</exception>
    public ValueTask<RedisResult> RunAsync(int lane, ScriptText script, int place, RedisValue[] values, CancellationToken cancellationToken) =>
        RunAsync(OpenLane(lane).RunAsync(script, [Keys.Due(place)], values), cancellationToken);

    /// <summary>Waits for the answer to a single command on the first lane.</summary>
    /// <exception cref="StorageException">It failed.</exception>
    public ValueTask<T> AskAsync<T>(Func<IDatabase, Task<T>> command, CancellationToken cancellationToken) => AskAsync(OpenLane(0), command, cancellationToken);

    /// <summary>Waits for the answer to a single command on an item's lane.</summary>
    /// <exception cref="StorageException">It failed.</exception>
    public ValueTask<T> AskAsync<T>(QueueId id, Func<IDatabase, Task<T>> command, CancellationToken cancellationToken) => AskAsync(OpenLaneOf(id), command, cancellationToken);

    /// <summary>
    /// Ends when all that was sent before to a place, on any lane, is done, answered or not. An item that was written together with others came by the lane of
    /// the first of them, and what is to follow that takes its own.
    /// </summary>
    /// <exception cref="StorageException">A lane does not answer.</exception>
    public async ValueTask SettleAsync(int place, CancellationToken cancellationToken)
    {
        if (_lanes.Length == 1)
            return;
        await Task.WhenAll(_lanes.Select(lane => AskAsync(lane, database => database.KeyExistsAsync(Keys.Due(place), CommandFlags.DemandMaster), cancellationToken).AsTask())).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        foreach (RedisLane lane in _lanes)
            await lane.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The lane of an item or a content.</summary>
    /// <exception cref="StorageException">The connection is closed.</exception>
    public RedisLane OpenLaneOf(QueueId id) => OpenLane(_lanes.Length == 0 ? 0 : RedisKeys.Spread(id, _lanes.Length));

    /// <summary>A lane by its number; what has to do with many items takes the first, which is 0.</summary>
    /// <exception cref="StorageException">The connection is closed.</exception>
    public RedisLane OpenLane(int number) => _isDisposed ? throw RedisFault.Translate(new ObjectDisposedException(nameof(RedisConnection))) : Lane(number);

    private RedisLane Lane(int number) => _isDisposed
        ? throw new ObjectDisposedException(nameof(RedisConnection))
        : _lanes.Length > 0 ? _lanes[number] : throw new InvalidOperationException("The storage has not been started.");

    private async ValueTask<T> RunAsync<T>(Task<T> run, CancellationToken cancellationToken)
    {
        try
        {
            T result = await run.WaitAsync(cancellationToken).ConfigureAwait(false);
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

    private static async ValueTask<T> AskAsync<T>(RedisLane lane, Func<IDatabase, Task<T>> command, CancellationToken cancellationToken)
    {
        try
        {
            return await command(lane.Database).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception trouble) when (RedisFault.IsKnown(trouble))
        {
            throw RedisFault.Translate(trouble);
        }
    }

    private ConfigurationOptions Configure(bool listens)
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
        // A second connection to each server for notices is made only where somebody listens. The client of a Sentinel listens for itself.
        if (!listens)
            configuration.CommandMap = CommandMap.Create(new HashSet<string> { "SUBSCRIBE" }, available: false);
        foreach ((string host, int port) in _options.Servers)
            configuration.EndPoints.Add(host, port);
        return configuration;
    }
}
