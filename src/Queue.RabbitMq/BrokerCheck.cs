using System.Globalization;
using System.Text;
using RabbitMQ.Client;
using SlimtaFast.Queue.RabbitMq.Connections;
using SlimtaFast.Queue.RabbitMq.Messages;
using SlimtaFast.Queue.RabbitMq.Topology;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.RabbitMq;

/// <summary>
/// Tells what is wrong with a broker: asks each node, makes the queues that are missing (delay queues apart), sends a message of its own through the broker, and looks at what waits.
/// Thread-safe.
/// </summary>
public sealed class BrokerCheck
{
    private static readonly Version Least = new(3, 10);

    private readonly RabbitMqOptions _options;
    private readonly TimeProvider _time;
    private readonly BrokerTopology _topology;

    /// <summary>Asks the broker of the options.</summary>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public BrokerCheck(RabbitMqOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        options.Validate();
        _options = options;
        _time = time;
        _topology = new BrokerTopology(options.Prefix, options.IsSingle);
    }

    /// <summary>Asks everything; what cannot be asked is a finding, too.</summary>
    public async Task<IReadOnlyList<BrokerFinding>> RunAsync(CancellationToken cancellationToken)
    {
        var findings = new List<BrokerFinding>();
        bool isReached = false;
        foreach (KeyValuePair<string, int> node in _options.Nodes)
            isReached |= await AskNodeAsync(node, findings, cancellationToken).ConfigureAwait(false);
        if (_options.Nodes.Count < 3)
            findings.Add(new BrokerFinding(false, "Fewer than three nodes are named: with fewer than three in the cluster no node may be lost."));
        if (isReached)
            await AskBrokerAsync(findings, cancellationToken).ConfigureAwait(false);
        return findings;
    }

    private async Task<bool> AskNodeAsync(KeyValuePair<string, int> node, List<BrokerFinding> findings, CancellationToken cancellationToken)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{node.Key}:{node.Value}");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(_options.Timeout);
        try
        {
            IConnection connection = await BrokerConnections.OpenAsync(_options, [node], "check", end.Token).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                string version = Property(connection, "version"), cluster = Property(connection, "cluster_name");
                bool isOld = Version.TryParse(version, out Version? parsed) && parsed < Least;
                findings.Add(new BrokerFinding(isOld, $"{name}: {Property(connection, "product")} {version} of cluster {cluster}{(isOld ? $"; at least {Least} is needed, for delays that lose nothing" : "")}."));
                if (connection.Heartbeat != _options.Heartbeat)
                    findings.Add(new BrokerFinding(connection.Heartbeat == TimeSpan.Zero, $"{name}: the heartbeat is {connection.Heartbeat.TotalSeconds} s, not the {_options.Heartbeat.TotalSeconds} s that were asked for."));
                return true;
            }
        }
        catch (Exception trouble) when (BrokerFault.IsKnown(trouble) && !cancellationToken.IsCancellationRequested)
        {
            findings.Add(new BrokerFinding(true, $"{name} cannot be used: {BrokerFault.Innermost(trouble)}"));
            return false;
        }
    }

    private async Task AskBrokerAsync(List<BrokerFinding> findings, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(_options.Timeout * 3);
        try
        {
            IConnection connection = await BrokerConnections.OpenAsync(_options, _options.Nodes, "check", end.Token).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                string? blocked = null;
                connection.ConnectionBlockedAsync += (_, reason) =>
                {
                    blocked = reason.Reason;
                    return Task.CompletedTask;
                };
                IChannel channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), end.Token).ConfigureAwait(false);
                await _topology.DeclareAsync(channel, _options.Timeout, end).ConfigureAwait(false);
                end.CancelAfter(_options.Timeout * 3);
                findings.Add(new BrokerFinding(false, $"Its queues {_options.Prefix}.* are there, or could be made."));
                await SendAsync(channel, findings, () => blocked, end.Token).ConfigureAwait(false);
                await CountAsync(connection, channel, findings, end.Token).ConfigureAwait(false);
            }
        }
        catch (Exception trouble) when (BrokerFault.IsKnown(trouble) && !cancellationToken.IsCancellationRequested)
        {
            findings.Add(new BrokerFinding(true, $"The broker cannot be used: {(trouble is StorageException ? trouble.Message : BrokerFault.Innermost(trouble))}"));
        }
    }

    // Into the queue for parked messages, where no worker takes it, and which forgets it after ten seconds.
    private async Task SendAsync(IChannel channel, List<BrokerFinding> findings, Func<string?> blocked, CancellationToken cancellationToken)
    {
        long started = _time.GetTimestamp();
        BasicProperties properties = ParkedFormat.MakeProperties("check", 0, "a message of slimtafast check, which may be removed", _time.GetUtcNow());
        properties.Persistent = true;
        properties.Expiration = "10000";
        try
        {
            await channel.BasicPublishAsync("", _topology.ParkedQueue, mandatory: true, properties, ReadOnlyMemory<byte>.Empty, cancellationToken).AsTask().WaitAsync(_options.Timeout, _time, cancellationToken).ConfigureAwait(false);
            findings.Add(new BrokerFinding(false, string.Create(CultureInfo.InvariantCulture, $"A message was confirmed after {_time.GetElapsedTime(started).TotalMilliseconds:F0} ms.")));
        }
        catch (TimeoutException)
        {
            findings.Add(new BrokerFinding(true, blocked() is { } reason ? $"The broker takes no messages at present: {reason}" : "A message was not confirmed in time: is a majority of the nodes running?"));
        }
    }

    private async Task CountAsync(IConnection connection, IChannel channel, List<BrokerFinding> findings, CancellationToken cancellationToken)
    {
        uint waiting = 0, workers = uint.MaxValue;
        foreach (string queue in _topology.WorkQueues)
        {
            QueueDeclareOk state = await channel.QueueDeclarePassiveAsync(queue, cancellationToken).ConfigureAwait(false);
            waiting += state.MessageCount;
            workers = Math.Min(workers, state.ConsumerCount);
        }

        waiting += await channel.MessageCountAsync(_topology.AloneQueue, cancellationToken).ConfigureAwait(false);
        long delayed = await DelayedMessages.CountAsync(connection, _topology, cancellationToken).ConfigureAwait(false);
        uint parked = await channel.MessageCountAsync(_topology.ParkedQueue, cancellationToken).ConfigureAwait(false);
        findings.Add(new BrokerFinding(workers == 0 && waiting > 0, string.Create(CultureInfo.InvariantCulture, $"{waiting} messages wait for a worker, {delayed} for their time; {workers} workers are there.")));
        if (parked > 1)
            findings.Add(new BrokerFinding(false, string.Create(CultureInfo.InvariantCulture, $"{parked} messages are parked, one of them this check's; see slimtafast queue parked list.")));
    }

    private static string Property(IConnection connection, string name) =>
        connection.ServerProperties is { } properties && properties.TryGetValue(name, out object? value) && value is byte[] text ? Encoding.UTF8.GetString(text) : "unknown";
}
