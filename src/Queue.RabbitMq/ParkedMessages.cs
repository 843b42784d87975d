using RabbitMQ.Client;
using SlimtaFast.Queue.RabbitMq.Connections;
using SlimtaFast.Queue.RabbitMq.Messages;
using SlimtaFast.Queue.RabbitMq.Topology;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.RabbitMq;

/// <summary>
/// The messages that workers could do nothing with, for an operator to look at, to have tried again, or to remove. While one looks, another sees none of
/// them. Thread-safe; each call has a connection of its own.
/// </summary>
public sealed class ParkedMessages
{
    private readonly RabbitMqOptions _options;
    private readonly TimeProvider _time;
    private readonly BrokerTopology _topology;

    /// <summary>Asks the broker of the options.</summary>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public ParkedMessages(RabbitMqOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        options.Validate();
        _options = options;
        _time = time;
        _topology = new BrokerTopology(options.Prefix, options.IsSingle);
    }

    /// <summary>Names the oldest of them.</summary>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StorageException">The broker cannot be asked.</exception>
    public async Task<IReadOnlyList<ParkedMessage>> ListAsync(int most, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        var list = new List<ParkedMessage>();
        await VisitAsync(
            (channel, got) =>
            {
                (string reason, _, DateTimeOffset at) = ParkedFormat.Read(got.BasicProperties);
                ItemMessage? item = ItemMessage.TryRead(got.BasicProperties, got.Body, out _);
                list.Add(new ParkedMessage(got.BasicProperties.MessageId ?? "", reason, at, got.Body.Length, item?.Head));
                return Task.FromResult(list.Count < most);
            },
            cancellationToken).ConfigureAwait(false);
        return list;
    }

    /// <summary>Gives messages to the workers again, as new ones.</summary>
    /// <param name="id">Which; null for all that can be read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many.</returns>
    /// <exception cref="StorageException">The broker cannot be asked, or did not confirm one; those before it are with the workers.</exception>
    public async Task<int> RetryAsync(string? id, CancellationToken cancellationToken)
    {
        int count = 0;
        await VisitAsync(
            async (channel, got) =>
            {
                ItemMessage? item = ItemMessage.TryRead(got.BasicProperties, got.Body, out _);
                if (item is null || (id is not null && got.BasicProperties.MessageId != id))
                    return true;
                BasicProperties properties = ItemMessage.MakeProperties(item.Id, null, default);
                properties.Persistent = true;
                await channel.BasicPublishAsync(_topology.Entry, _topology.KeyOf(Partitions.Of(item.Head.Item.Domain)), mandatory: true, properties, got.Body, cancellationToken).ConfigureAwait(false);
                await channel.BasicAckAsync(got.DeliveryTag, multiple: false, cancellationToken).ConfigureAwait(false);
                count++;
                return id is null;
            },
            cancellationToken).ConfigureAwait(false);
        return count;
    }

    /// <summary>Removes messages for good.</summary>
    /// <param name="id">Which.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many.</returns>
    /// <exception cref="StorageException">The broker cannot be asked.</exception>
    public async Task<int> RemoveAsync(string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(id);
        int count = 0;
        await VisitAsync(
            async (channel, got) =>
            {
                if (got.BasicProperties.MessageId != id)
                    return true;
                await channel.BasicAckAsync(got.DeliveryTag, multiple: false, cancellationToken).ConfigureAwait(false);
                count++;
                return false;
            },
            cancellationToken).ConfigureAwait(false);
        return count;
    }

    // Takes one after another; what is not acknowledged goes back with the end of the channel.
    private async Task VisitAsync(Func<IChannel, BasicGetResult, Task<bool>> visit, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            end.CancelAfter(_options.Timeout);
            IConnection connection = await BrokerConnections.OpenAsync(_options, _options.Nodes, "operator", end.Token).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                IChannel channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), end.Token).ConfigureAwait(false);
                await using (channel.ConfigureAwait(false))
                {
                    uint left = await channel.MessageCountAsync(_topology.ParkedQueue, end.Token).ConfigureAwait(false);
                    bool goesOn = true;
                    for (; goesOn && left > 0; left--)
                    {
                        BasicGetResult? got = await channel.BasicGetAsync(_topology.ParkedQueue, autoAck: false, cancellationToken).WaitAsync(_options.Timeout, _time, cancellationToken).ConfigureAwait(false);
                        if (got is null)
                            return;
                        goesOn = await visit(channel, got).WaitAsync(_options.Timeout, _time, cancellationToken).ConfigureAwait(false);
                    }
                }
            }
        }
        catch (Exception trouble) when (BrokerFault.IsKnown(trouble) && !cancellationToken.IsCancellationRequested)
        {
            throw BrokerFault.Translate(trouble, isSent: false);
        }
    }
}
