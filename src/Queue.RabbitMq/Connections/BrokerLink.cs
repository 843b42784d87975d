using System.Globalization;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.RabbitMq.Connections;

/// <summary>
/// One connection to any node of the broker, made again by whoever needs it next once it is lost. While the broker cannot be reached, asking fails at once
/// between the tries, so that clients are not kept waiting. Thread-safe.
/// </summary>
internal sealed class BrokerLink : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly RabbitMqOptions _options;
    private readonly string _role;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _opening = new(1);
    private IConnection? _connection;
    private StorageException? _failure;
    private TimeSpan _pause = FirstPause;
    private long _failedAt;
    private volatile string? _blocked;
    private volatile bool _isClosed;

    /// <summary>Makes a link that is not connected yet.</summary>
    /// <param name="options">Where to.</param>
    /// <param name="role">What the connection is for, which the broker shows to its operator.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told when it is lost and when it is back.</param>
    public BrokerLink(RabbitMqOptions options, string role, TimeProvider time, ILogger logger)
    {
        _options = options;
        _role = role;
        _time = time;
        _logger = logger;
    }

    /// <summary>Where the broker is, for messages.</summary>
    public string Place => string.Join(", ", _options.Nodes.Select(static node => string.Create(CultureInfo.InvariantCulture, $"{node.Key}:{node.Value}")));

    /// <summary>Why the broker takes nothing at present, in its words; null where it does.</summary>
    public string? Blocked => _blocked;

    /// <summary>What is wrong at present, in words; null where all is well.</summary>
    public string? Problem =>
        _blocked is { } reason ? $"The broker takes nothing at present: {reason}"
        : _connection is { IsOpen: true } ? null
        : _failure?.Message ?? $"There is no connection to the broker at {Place}.";

    /// <summary>The connection, which is made where there is none.</summary>
    /// <exception cref="StorageException">No node can be reached, or the broker lets us not in.</exception>
    public async ValueTask<IConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (_connection is { IsOpen: true } open)
            return open;
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (!await _opening.WaitAsync(_options.Timeout, cancellationToken).ConfigureAwait(false))
            throw _failure ?? new StorageException(StorageFailure.Unavailable, $"The broker at {Place} does not answer.");
        try
        {
            if (_connection is { IsOpen: true } meanwhile)
                return meanwhile;
            ObjectDisposedException.ThrowIf(_isClosed, this);
            if (_failure is not null && _time.GetElapsedTime(_failedAt) < _pause)
                throw _failure;
            return await ConnectAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Gives a connection up that does not answer: all that waits for it fails.</summary>
    public void Drop(IConnection connection)
    {
        if (Interlocked.CompareExchange(ref _connection, null, connection) == connection)
            _ = AbortAsync(connection);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        if (Interlocked.Exchange(ref _connection, null) is { } connection)
            await AbortAsync(connection).ConfigureAwait(false);
    }

    private async Task<IConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(_options.Timeout);
        try
        {
            IConnection connection = await BrokerConnections.OpenAsync(_options, _options.Nodes, _role, end.Token).ConfigureAwait(false);
            connection.ConnectionShutdownAsync += OnShutdownAsync;
            connection.ConnectionBlockedAsync += OnBlockedAsync;
            connection.ConnectionUnblockedAsync += OnUnblockedAsync;
            _blocked = null;
            if (_failure is not null)
                RabbitMqLog.Connected(_logger, _role, connection.Endpoint);
            _failure = null;
            _pause = FirstPause;
            if (Interlocked.Exchange(ref _connection, connection) is { } lost)
                _ = AbortAsync(lost);
            return connection;
        }
        catch (Exception trouble) when (BrokerFault.IsKnown(trouble) && !cancellationToken.IsCancellationRequested)
        {
            _pause = _failure is null ? FirstPause : _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
            _failedAt = _time.GetTimestamp();
            _failure = new StorageException(StorageFailure.Unavailable, $"The broker at {Place} cannot be reached: {BrokerFault.Innermost(trouble)}", trouble);
            throw _failure;
        }
    }

    private Task OnShutdownAsync(object sender, ShutdownEventArgs reason)
    {
        if (!_isClosed)
        {
            _failure ??= new StorageException(StorageFailure.Unavailable, $"The connection to the broker was lost: {reason.ReplyText}");
            RabbitMqLog.ConnectionLost(_logger, _role, reason.ReplyText);
        }

        return Task.CompletedTask;
    }

    private Task OnBlockedAsync(object sender, ConnectionBlockedEventArgs blocked)
    {
        _blocked = blocked.Reason;
        RabbitMqLog.Blocked(_logger, blocked.Reason);
        return Task.CompletedTask;
    }

    private Task OnUnblockedAsync(object sender, AsyncEventArgs unblocked)
    {
        _blocked = null;
        RabbitMqLog.Unblocked(_logger);
        return Task.CompletedTask;
    }

    private async Task AbortAsync(IConnection connection)
    {
        try
        {
            await connection.AbortAsync(_options.Timeout).ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception trouble) when (BrokerFault.IsKnown(trouble))
        {
            RabbitMqLog.ConnectionLost(_logger, _role, trouble.Message);
        }
    }
}
