using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using SlimtaFast.Queue.RabbitMq.Connections;
using SlimtaFast.Queue.RabbitMq.Topology;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.RabbitMq.Consuming;

/// <summary>
/// Has the broker hand its work to this process, over a connection that carries nothing else, so that acknowledgements get through when the broker takes no
/// new messages. Begins anew whenever the connection is lost. Thread-safe.
/// </summary>
internal sealed class ConsumerLoop : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    // Often enough that a worker that is added has its part soon, seldom enough that a queue with a message now and then counts as one that has something.
    private static readonly TimeSpan ShareEvery = TimeSpan.FromSeconds(2);

    private readonly RabbitMqOptions _options;
    private readonly BrokerTopology _topology;
    private readonly Publisher _publisher;
    private readonly DeliveryTable _table;
    private readonly MessageIntake _intake;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly BrokerLink _link;
    private readonly CancellationTokenSource _stop = new();
    private readonly string _worker = $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid():N}";
    private readonly Lock _starting = new();
    private volatile ConsumerRun? _run;
    private long _runSince;
    private Task? _running;

    /// <summary>Makes a loop that has not begun.</summary>
    public ConsumerLoop(RabbitMqOptions options, BrokerTopology topology, Publisher publisher, DeliveryTable table, MessageIntake intake, TimeProvider time, ILogger logger)
    {
        _options = options;
        _topology = topology;
        _publisher = publisher;
        _table = table;
        _intake = intake;
        _time = time;
        _logger = logger;
        _link = new BrokerLink(options, "worker", time, logger);
    }

    /// <summary>For how long messages are handed out on the present channel; null where there is none.</summary>
    public TimeSpan? Since => _run is { IsOpen: true } ? _time.GetElapsedTime(Volatile.Read(ref _runSince)) : null;

    /// <summary>Begins, where that was not done.</summary>
    public void Start()
    {
        lock (_starting)
            _running ??= Task.Run(RunAsync);
    }

    /// <summary>Asks the broker for a sign of life; a connection that gives none is given up.</summary>
    /// <exception cref="StorageException">There is no connection, or no answer.</exception>
    public async Task ProveAsync(CancellationToken cancellationToken)
    {
        if (_run is not { IsOpen: true } run)
            throw new StorageException(StorageFailure.Unavailable, _link.Problem ?? "Nothing is handed out by the broker at present.");
        try
        {
            await run.Channel.QueueDeclarePassiveAsync(_topology.ParkedQueue, cancellationToken).WaitAsync(_options.Timeout, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception trouble) when (BrokerFault.IsKnown(trouble) && !cancellationToken.IsCancellationRequested)
        {
            run.End();
            throw BrokerFault.Translate(trouble, isSent: false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_running is not null)
            await _running.ConfigureAwait(false);
        await _link.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            IConnection? connection = null;
            try
            {
                connection = await _link.OpenAsync(_stop.Token).ConfigureAwait(false);
                await ConsumeAsync(connection).ConfigureAwait(false);
            }
            catch (Exception trouble) when (BrokerFault.IsKnown(trouble))
            {
                if (!_stop.IsCancellationRequested)
                    RabbitMqLog.ConsumingFailed(_logger, BrokerFault.Innermost(trouble));
                if (BrokerFault.IsMissing(trouble))
                    await DeclareAgainAsync().ConfigureAwait(false);
            }

            if (connection is not null && !_stop.IsCancellationRequested)
                _link.Drop(connection);
            await Task.Delay(Pause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task DeclareAgainAsync()
    {
        try
        {
            _publisher.DeclareAgain();
            await _publisher.OpenAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (Exception trouble) when (BrokerFault.IsKnown(trouble))
        {
            if (!_stop.IsCancellationRequested)
                RabbitMqLog.ConsumingFailed(_logger, BrokerFault.Innermost(trouble));
        }
    }

    private async Task ConsumeAsync(IConnection connection)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        end.CancelAfter(_options.Timeout);
        IChannel channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: false, publisherConfirmationTrackingEnabled: false, consumerDispatchConcurrency: 1), end.Token).ConfigureAwait(false);
        var run = new ConsumerRun(channel);
        try
        {
            Volatile.Write(ref _runSince, _time.GetTimestamp());
            _run = run;

            // It holds for each consumer that begins after it.
            await channel.BasicQosAsync(0, 1, global: false, end.Token).ConfigureAwait(false);
            await channel.BasicConsumeAsync(_topology.AloneQueue, autoAck: false, WorkConsumer.AloneTag, noLocal: false, exclusive: false, null, new WorkConsumer(run, null, _intake), end.Token).ConfigureAwait(false);
            await channel.BasicQosAsync(0, (ushort)_options.Prefetch, global: false, end.Token).ConfigureAwait(false);
            var consumers = new PartitionConsumers(run, _topology, _intake, _options.IsSingle);
            await consumers.BeginAsync(_worker, end.Token).ConfigureAwait(false);
            Volatile.Write(ref _runSince, _time.GetTimestamp());
            RabbitMqLog.Consuming(_logger, connection.Endpoint);
            if (connection.Heartbeat > TimeSpan.Zero && connection.Heartbeat < _options.Heartbeat)
                RabbitMqLog.ShortHeartbeat(_logger, connection.Endpoint, connection.Heartbeat, _options.Heartbeat);
            while (_options.IsSingle && run.IsOpen && !_stop.IsCancellationRequested)
            {
                await run.Ended.WaitAsync(ShareEvery, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (run.IsOpen && !_stop.IsCancellationRequested)
                    await consumers.ShareAsync(_stop.Token).WaitAsync(_options.Timeout, _time, _stop.Token).ConfigureAwait(false);
            }

            await run.Ended.WaitAsync(_stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            run.End();
            _run = null;
            _table.LeaveUnclaimed();
        }
    }
}
