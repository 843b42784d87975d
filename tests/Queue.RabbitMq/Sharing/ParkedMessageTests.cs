using RabbitMQ.Client;
using SlimtaFast.Queue.RabbitMq.Connections;
using SlimtaFast.Queue.RabbitMq.Topology;
using SlimtaFast.Storage.Redis.Tests.Sharing;
using SlimtaFast.TestKit.RabbitMq;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Queue.RabbitMq.Tests.Sharing;

/// <summary>Messages that no worker gets done: when they are parked, and when not.</summary>
public sealed class ParkedMessageTests(RabbitMqFixture fixture) : BrokerQueues(fixture)
{
    [FullFact(RabbitMqBroker.Server)]
    public async Task What_cannot_be_read_is_parked_with_its_reason()
    {
        await OpenAsync();
        await using (IConnection connection = await BrokerConnections.OpenAsync(Place, Place.Nodes, "test", CancellationToken.None))
        {
            var topology = new BrokerTopology(Place.Prefix);
            IChannel channel = await connection.CreateChannelAsync();
            await channel.BasicPublishAsync(topology.Entry, topology.KeyOf(3), mandatory: true, new BasicProperties { MessageId = "strange", Persistent = true }, "no item"u8.ToArray());
        }

        var parked = new ParkedMessages(Place, TimeProvider.System);
        using var end = new CancellationTokenSource(Patience);
        IReadOnlyList<ParkedMessage> list;
        while ((list = await parked.ListAsync(10, end.Token)).Count == 0)
            await Task.Delay(50, end.Token);
        Assert.Equal("strange", Assert.Single(list).Id);
        Assert.Contains("cannot be read", list[0].Reason, StringComparison.Ordinal);
        Assert.Equal(1, await parked.RemoveAsync("strange", end.Token));
        Assert.Empty(await parked.ListAsync(10, end.Token));
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task What_was_parked_is_delivered_once_an_operator_says_so()
    {
        // Workers that end while they attempt it: after the first it is handed out beside no other such message, and after three more it is parked.
        MailQueue edge = await OpenAsync(static options => options with { Hold = true });
        await EnqueueAsync(edge, "b@host.example");
        Place = Place with { MaxDeliveries = 1 };
        var never = new TaskCompletionSource();
        Relay.Script = async (_, attempt, token) =>
        {
            await never.Task.WaitAsync(token);
            return WatchfulRelay.Deliver(attempt);
        };
        const int Ends = 4;
        for (int i = 0; i < Ends; i++)
        {
            await OpenAsync(static options => options with { StopGrace = TimeSpan.Zero });
            await WaitForAttemptsAsync(i + 1);
            await Storages[^1].DisposeAsync();
            Storages.RemoveAt(Storages.Count - 1);
        }

        Relay.Script = null;
        await OpenAsync();
        var parked = new ParkedMessages(Place, TimeProvider.System);
        using var end = new CancellationTokenSource(Patience);
        while ((await parked.ListAsync(10, end.Token)).Count == 0)
            await Task.Delay(50, end.Token);
        Assert.Equal(Ends, Relay.Attempts.Count);
        ParkedMessage message = Assert.Single(await parked.ListAsync(10, end.Token));
        Assert.Equal(1, await parked.RetryAsync(message.Id, end.Token));
        await Relay.WaitAsync(() => Relay.Delivered.Count == 1, Patience);
        await WaitForEmptyAsync();
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task What_was_handed_out_often_but_never_attempted_is_delivered_and_not_parked()
    {
        const int Messages = 20, Often = 3;
        MailQueue edge = await OpenAsync(static options => options with { Hold = true });
        for (int i = 0; i < Messages; i++)
            await EnqueueAsync(edge, "b@host.example");

        // Workers that were started and killed again and again, with all of it in their hands and none of it attempted.
        Place = Place with { MaxDeliveries = Often };
        await using (IConnection connection = await BrokerConnections.OpenAsync(Place, Place.Nodes, "test", CancellationToken.None))
        {
            string queue = new BrokerTopology(Place.Prefix).WorkQueues[Partitions.Of("host.example")];
            for (int i = 0; i < Often; i++)
            {
                IChannel channel = await connection.CreateChannelAsync();
                for (int j = 0; j < Messages; j++)
                    Assert.NotNull(await channel.BasicGetAsync(queue, autoAck: false));
                await channel.DisposeAsync();
            }
        }

        await OpenAsync();
        await OpenAsync();
        await Relay.WaitAsync(() => Relay.Delivered.Count == Messages, Patience);
        await WaitForEmptyAsync();
        Assert.Equal(Messages, Relay.Attempts.Count);
        Assert.Empty(await new ParkedMessages(Place, TimeProvider.System).ListAsync(10, CancellationToken.None));
    }
}
