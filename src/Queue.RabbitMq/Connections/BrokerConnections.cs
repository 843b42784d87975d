using RabbitMQ.Client;

namespace SlimtaFast.Queue.RabbitMq.Connections;

/// <summary>Opens connections as the options say.</summary>
internal static class BrokerConnections
{
    // Room for the head and the protocol beside the content.
    private const int HeadRoom = 64 * 1024 * 1024;

    /// <summary>Opens a connection to one of some nodes, whichever answers; the client tries them in an order of chance.</summary>
    public static Task<IConnection> OpenAsync(RabbitMqOptions options, IEnumerable<KeyValuePair<string, int>> nodes, string role, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory
        {
            UserName = options.UserName,
            Password = options.Password,
            VirtualHost = options.VirtualHost,
            RequestedHeartbeat = options.Heartbeat,
            RequestedConnectionTimeout = options.Timeout,
            HandshakeContinuationTimeout = options.Timeout,
            ContinuationTimeout = options.Timeout,
            MaxInboundMessageBodySize = (uint)Math.Min((long)options.InlineLimit + HeadRoom, int.MaxValue),

            // What has to be made again after a loss is ours to know: which messages we have, and that they may be somebody else's by now.
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
        };
        return factory.CreateConnectionAsync(
            nodes.Select(node => new AmqpTcpEndpoint(node.Key, node.Value, BrokerTls.Make(options, node.Key))),
            $"slimtafast {role}",
            cancellationToken);
    }
}
