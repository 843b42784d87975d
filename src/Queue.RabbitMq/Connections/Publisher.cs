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

    private static readonly TimeSpan StartPause = TimeSpan.FromMilliseconds(500);

    private readonly BrokerLink _link;
    private readonly BrokerTopology _topology;
    private readonly RabbitMqOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _opening = new(1);
    private IChannel? _channel;
    private IConnection? _connection;

    // What was declared since the broker last said that something is gone: what is durable outlives connections and nodes, and each declaration asks a majority.
    private readonly int[] _delaysDeclared = new int[DelaySteps.Count];
    private int _declared;
    private int _losses = 1;

    /// <summary>Makes a publisher that is not connected yet.</summary>
    public Publisher(RabbitMqOptions options, BrokerTopology topology, TimeProvider time, ILogger logger)
    {
        _options = options;
        _topology = topology;
        _time = time;
        _logger = logger;
        _link = new BrokerLink(options, "publisher", time, logger);
    }

    /// <summary>What is wrong at present, in words; null where all is well.</summary>
    public string? Problem => _link.Problem;

    /// <summary>Connects, and makes what the broker lacks.</summary>
    /// <exception cref="StorageException">The broker cannot be reached, or has something else of that name.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken) => await GetChannelAsync(null, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// The same for the first time. Who starts a machine, or types three commands, starts all of them at once: so a broker of which no node listens yet is waited
    /// for. What is wrong otherwise does not pass by itself.
    /// </summary>
    /// <exception cref="StorageException">The broker cannot be reached, or has something else of that name.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        long begun = _time.GetTimestamp();
        for (bool isTold = false; ; isTold = true)
        {
            try
            {
                await OpenAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (StorageException trouble) when (BrokerFault.IsAbsent(trouble) && _time.GetElapsedTime(begun) < _options.StartPatience)
            {
                if (!isTold)
                    RabbitMqLog.Awaited(_logger, trouble.Message, _options.StartPatience);
            }

            await Task.Delay(StartPause, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Notes that the broker lacks something that it was made to have: it is made again before anything else is published.</summary>
    public void DeclareAgain() => Interlocked.Increment(ref _losses);

    /// <summary>Publishes to a delay queue, which is made where it is missing, or to a work queue, and waits for the confirm.</summary>
    /// <param name="step">The delay step; null for none.</param>
    /// <param name="partition">Which work queue, in the end.</param>
    /// <param name="properties">The message's properties; always persistent.</param>
    /// <param name="body">Its octets, which must stay as they are until the task ends, or for good where it fails.</param>
    /// <param name="cancellationToken">Gives up waiting, not the message.</param>
    /// <exception cref="StorageException">It is not confirmed; where the failure is a deadline the broker may have it.</exception>
    public Task PublishAsync(int? step, int partition, BasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        string key = step is { } delay ? _topology.KeyOf(delay, partition) : _topology.KeyOf(partition);
        return PublishAsync(_topology.Entry, key, step, properties, body, cancellationToken);
    }

    /// <summary>Publishes to a queue, past the exchanges, and waits for the confirm.</summary>
    /// <exception cref="StorageException">It is not confirmed.</exception>
    public Task PublishToQueueAsync(string queue, BasicProperties properties, ReadOnlyMemory<byte> body) => PublishAsync("", queue, null, properties, body, CancellationToken.None);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _link.DisposeAsync().ConfigureAwait(false);

    private async Task PublishAsync(string exchange, string key, int? step, BasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_link.Blocked is { } reason)
            throw new StorageException(StorageFailure.Full, $"The broker takes nothing at present: {reason}");
        int losses = Volatile.Read(ref _losses);
        IChannel channel = await GetChannelAsync(step, cancellationToken).ConfigureAwait(false);
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
            // Once for all that are told so of one loss.
            if (BrokerFault.IsMissing(trouble) || BrokerFault.IsMissing(channel.CloseReason))
                Interlocked.CompareExchange(ref _losses, losses + 1, losses);
            throw BrokerFault.Translate(trouble, isSent: true);
        }
    }

    private async ValueTask<IChannel> GetChannelAsync(int? step, CancellationToken cancellationToken)
    {
        if (_channel is { IsOpen: true } open && IsDeclared(step))
            return open;
        if (!await _opening.WaitAsync(_options.Timeout, cancellationToken).ConfigureAwait(false))
            throw new StorageException(StorageFailure.Unavailable, "The broker does not answer.");
        try
        {
            if (_channel is { IsOpen: true } meanwhile && IsDeclared(step))
                return meanwhile;
            IConnection connection = await _link.OpenAsync(cancellationToken).ConfigureAwait(false);
            return await OpenChannelAsync(connection, step, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task<IChannel> OpenChannelAsync(IConnection connection, int? step, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(_options.Timeout);
        try
        {
            if (!IsDeclared(step))
                await DeclareAsync(connection, step, end).ConfigureAwait(false);
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

    private bool IsDeclared(int? step)
    {
        int losses = Volatile.Read(ref _losses);
        return Volatile.Read(ref _declared) == losses && (step is not { } delay || Volatile.Read(ref _delaysDeclared[delay]) == losses);
    }

    private async Task DeclareAsync(IConnection connection, int? step, CancellationTokenSource end)
    {
        // By a channel of its own, because a refusal closes it.
        int losses = Volatile.Read(ref _losses);
        IChannel declaring = await connection.CreateChannelAsync(cancellationToken: end.Token).ConfigureAwait(false);
        await using (declaring.ConfigureAwait(false))
        {
            if (_declared != losses)
                await _topology.DeclareAsync(declaring, _options.Timeout, end).ConfigureAwait(false);
            Volatile.Write(ref _declared, losses);
            if (step is not { } delay)
                return;
            end.CancelAfter(_options.Timeout);
            await _topology.DeclareDelayAsync(declaring, delay, end.Token).ConfigureAwait(false);
            Volatile.Write(ref _delaysDeclared[delay], losses);
        }
    }
}
