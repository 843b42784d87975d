using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using SlimtaFast.Queue.RabbitMq.Connections;

namespace SlimtaFast.Queue.RabbitMq.Topology;

/// <summary>Looks at what waits for its time in the broker, makes nothing.</summary>
internal static class DelayedMessages
{
    /// <summary>Counts them.</summary>
    /// <exception cref="OperationInterruptedException">The broker does not let us.</exception>
    public static async Task<long> CountAsync(IConnection connection, BrokerTopology topology, CancellationToken cancellationToken)
    {
        long count = 0;
        IChannel? channel = null;
        try
        {
            foreach (string queue in topology.DelayQueues)
            {
                channel ??= await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
                try
                {
                    count += await channel.MessageCountAsync(queue, cancellationToken).ConfigureAwait(false);
                }
                catch (OperationInterruptedException none) when (BrokerFault.IsMissing(none))
                {
                    // Nothing ever waited so long. The answer closed the channel.
                    await channel.DisposeAsync().ConfigureAwait(false);
                    channel = null;
                }
            }
        }
        finally
        {
            if (channel is not null)
                await channel.DisposeAsync().ConfigureAwait(false);
        }

        return count;
    }
}
