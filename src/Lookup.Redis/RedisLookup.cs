using StackExchange.Redis;

namespace SlimtaFast.Lookup.Redis;

/// <summary>
/// Finds values in Redis: the string at the prefix and the key in lower case (<c>GET slimta:recipients:a@example.org</c>). One connection
/// carries all look-ups; it is made with the first of them, and again by itself when it is lost. While it is, look-ups fail, which
/// clients hear as "try again later". Thread-safe.
/// </summary>
public sealed class RedisLookup : ILookup, IAsyncDisposable
{
    private readonly RedisLookupOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private Task<ConnectionMultiplexer>? _connection;
    private bool _isDisposed;

    /// <summary>Connects to nothing yet, so that a server starts though its Redis does not run.</summary>
    public RedisLookup(RedisLookupOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _options = options;
        _time = time;
    }

    /// <inheritdoc/>
    public async ValueTask<string?> FindAsync(string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        try
        {
            RedisValue value = await AskAsync(key).WaitAsync(_options.Timeout, _time, cancellationToken).ConfigureAwait(false);
            return value.IsNull ? null : (string?)value;
        }
        catch (Exception trouble) when (trouble is RedisException or TimeoutException)
        {
            throw new LookupException($"Redis at {_options.Host}:{_options.Port} did not answer: {trouble.Message}", trouble);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task<ConnectionMultiplexer>? connection;
        lock (_gate)
        {
            _isDisposed = true;
            connection = _connection;
        }

        if (connection is null)
            return;
        try
        {
            await (await connection.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
        catch (RedisException)
        {
            // It was never made.
        }
    }

    private async Task<RedisValue> AskAsync(string key)
    {
        ConnectionMultiplexer redis = await ConnectAsync().ConfigureAwait(false);
        return await redis.GetDatabase(_options.Database).StringGetAsync(_options.Prefix + key.ToLowerInvariant()).ConfigureAwait(false);
    }

    private Task<ConnectionMultiplexer> ConnectAsync()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_connection is null or { IsFaulted: true })
                _connection = ConnectionMultiplexer.ConnectAsync(Configure());
            return _connection;
        }
    }

    private ConfigurationOptions Configure()
    {
        int milliseconds = (int)_options.Timeout.TotalMilliseconds;
        return new ConfigurationOptions
        {
            EndPoints = { { _options.Host, _options.Port } },
            User = _options.UserName.Length > 0 ? _options.UserName : null,
            Password = _options.Password.Length > 0 ? _options.Password : null,
            Ssl = _options.Tls,
            SslHost = _options.Tls ? _options.Host : null,
            ClientName = "slimtafast",
            // The connection looks after itself from here on, also where it could not be made at first.
            AbortOnConnectFail = false,
            ConnectTimeout = milliseconds,
            AsyncTimeout = milliseconds,
            BacklogPolicy = BacklogPolicy.FailFast,
        };
    }
}
