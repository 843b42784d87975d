using System.Threading.RateLimiting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using SlimtaFast.Queue.RabbitMq.Topology;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.RabbitMq.Connections;

/// <summary>
/// Publishes messages that the broker has to confirm: a confirmed one is on the disks of a majority of its queue's members. It has a connection of its own,
/// because the broker stops reading those that publish when it is short of memory or disk. Thread-safe.
/// </summary>
internal sealed class Publisher : IAsyncDisposable
{
    // More than there ever are: who publishes is held back by waiting for his confirm.
    private const int Unlimited = 1_000_000;

    private readonly BrokerLink _link;
    private readonly BrokerTopology _topology;
    private readonly RabbitMqOptions _options;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _opening = new(1);
    private IChannel? _channel;
    private IConnection? _connection;
    private volatile bool _isDeclared;

    /// <summary>Makes a publisher that is not connected yet.</summary>
    public Publisher(RabbitMqOptions options, BrokerTopology topology, TimeProvider time, ILogger logger)
    {
        _options = options;
        _topology = topology;
        _time = time;
        _link = new BrokerLink(options, "publisher", time, logger);
    }

    /// <summary>What is wrong at present, in words; null where all is well.</summary>
    public string? Problem => _link.Problem;

    /// <summary>Connects, and makes what the broker lacks.</summary>
    /// <exception cref="StorageException">The broker cannot be reached, or has something else of that name.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken) => await GetChannelAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Notes that the broker lacks something that it was made to have: it is made again before anything else is published.</summary>
    public void DeclareAgain() => _isDeclared = false;

    /// <summary>Publishes to the entry exchange and waits for the confirm.</summary>
    /// <param name="key">The routing key.</param>
    /// <param name="properties">The message's properties; always persistent.</param>
    /// <param name="body">Its octets, which must stay as they are until the task ends, or for good where it fails.</param>
    /// <param name="cancellationToken">Gives up waiting, not the message.</param>
    /// <exception cref="StorageException">It is not confirmed; where the failure is a deadline the broker may have it.</exception>
    public Task PublishAsync(string key, BasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        PublishAsync(_topology.Entry, key, properties, body, cancellationToken);

    /// <summary>Publishes to a queue, past the exchanges, and waits for the confirm.</summary>
    /// <exception cref="StorageException">It is not confirmed.</exception>
    public Task PublishToQueueAsync(string queue, BasicProperties properties, ReadOnlyMemory<byte> body) => PublishAsync("", queue, properties, body, CancellationToken.None);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _link.DisposeAsync().ConfigureAwait(false);

    private async Task PublishAsync(string exchange, string key, BasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_link.Blocked is { } reason)
            throw new StorageException(StorageFailure.Full, $"The broker takes nothing at present: {reason}");
        IChannel channel = await GetChannelAsync(cancellationToken).ConfigureAwait(false);
        IConnection? connection = _connection;
        properties.Persistent = true;
        try
        {
            await channel.BasicPublishAsync(exchange, key, mandatory: true, properties, body, CancellationToken.None).AsTask().WaitAsync(_options.Timeout, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException late)
        {
            // It may come yet, or the broker has no majority and nothing ever comes: whoever waits behind this one must not find out one by one.
            if (connection is not null && _link.Blocked is null)
                _link.Drop(connection);
            throw BrokerFault.Translate(late, isSent: true);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new StorageException(StorageFailure.DeadlinePassed, "The caller did not wait for the broker's confirm.");
        }
        catch (Exception trouble) when (BrokerFault.IsKnown(trouble))
        {
            if (BrokerFault.IsMissing(trouble) || BrokerFault.IsMissing(channel.CloseReason))
                DeclareAgain();
            throw BrokerFault.Translate(trouble, isSent: true);
        }
    }

    private async ValueTask<IChannel> GetChannelAsync(CancellationToken cancellationToken)
    {
        if (_channel is { IsOpen: true } open && _isDeclared)
            return open;
        if (!await _opening.WaitAsync(_options.Timeout, cancellationToken).ConfigureAwait(false))
            throw new StorageException(StorageFailure.Unavailable, "The broker does not answer.");
        try
        {
            if (_channel is { IsOpen: true } meanwhile && _isDeclared)
                return meanwhile;
            IConnection connection = await _link.OpenAsync(cancellationToken).ConfigureAwait(false);
            return await OpenChannelAsync(connection, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task<IChannel> OpenChannelAsync(IConnection connection, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(_options.Timeout);
        try
        {
            if (!_isDeclared)
                await DeclareAsync(connection, end).ConfigureAwait(false);
            if (_channel is { IsOpen: true } open && _connection == connection)
                return open;
            end.CancelAfter(_options.Timeout);
            var limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = Unlimited, QueueLimit = 0 });
            IChannel channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, limiter), end.Token).ConfigureAwait(false);
            _connection = connection;
            return _channel = channel;
        }
        catch (Exception trouble) when (BrokerFault.IsKnown(trouble) && !cancellationToken.IsCancellationRequested)
        {
            if (trouble is not StorageException)
                _link.Drop(connection);
            throw BrokerFault.Translate(trouble, isSent: false);
        }
    }

    // Once, unless the broker says that something is gone: what is durable outlives connections and nodes, and each of them is asked for by a majority.
    private async Task DeclareAsync(IConnection connection, CancellationTokenSource end)
    {
        // Before it is done, so that what is told to be missing meanwhile is not forgotten; and by a channel of its own, because a refusal closes it.
        _isDeclared = true;
        try
        {
            IChannel declaring = await connection.CreateChannelAsync(cancellationToken: end.Token).ConfigureAwait(false);
            await using (declaring.ConfigureAwait(false))
                await _topology.DeclareAsync(declaring, _options.Timeout, end).ConfigureAwait(false);
        }
        catch
        {
            _isDeclared = false;
            throw;
        }
    }
}
