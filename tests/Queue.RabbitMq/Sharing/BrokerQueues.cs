using RabbitMQ.Client;
using SlimtaFast.Mail;
using SlimtaFast.Queue.RabbitMq.Connections;
using SlimtaFast.Queue.RabbitMq.Topology;
using SlimtaFast.Storage.Redis.Tests.Sharing;
using SlimtaFast.TestKit;

namespace SlimtaFast.Queue.RabbitMq.Tests.Sharing;

/// <summary>Queues on one real broker, each with connections of its own, as in processes of their own; a place of its own in the broker for each test.</summary>
[Collection(nameof(OneBrokerCollection))]
public abstract class BrokerQueues : IAsyncLifetime
{
    private readonly QueueIdGenerator _ids = new(TimeProvider.System);
    private readonly List<IAsyncDisposable> _open = [];

    /// <summary>Puts them on a broker.</summary>
    protected BrokerQueues(RabbitMqFixture fixture)
    {
        Fixture = fixture;
    }

    /// <summary>How long something is waited for.</summary>
    protected static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    /// <summary>The broker.</summary>
    protected RabbitMqFixture Fixture { get; }

    /// <summary>The next hop of all queues.</summary>
    private protected WatchfulRelay Relay { get; } = new();

    /// <summary>Those of the queues that are open, in the order in which they were opened.</summary>
    protected List<RabbitMqStorage> Storages { get; } = [];

    /// <summary>Where the queues to be opened are.</summary>
    protected RabbitMqOptions Place { get; set; } = null!;

    /// <inheritdoc/>
    public Task InitializeAsync()
    {
        if (Fixture.Broker is not null)
            Place = Fixture.NewPlace();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        for (int i = _open.Count - 1; i >= 0; i--)
            await _open[i].DisposeAsync();
        await Relay.DisposeAsync();
    }

    /// <summary>Opens another queue.</summary>
    protected async Task<MailQueue> OpenAsync(Func<MailQueueOptions, MailQueueOptions>? change = null)
    {
        var storage = new RabbitMqStorage(Place, TimeProvider.System);
        _open.Add(storage);
        Storages.Add(storage);
        await storage.StartAsync(CancellationToken.None);
        var options = new MailQueueOptions { HostName = "mx.example.org", Retry = new RetrySchedule([TimeSpan.FromSeconds(1)], repeatsLast: true, TimeSpan.FromDays(1)) };
        var queue = new MailQueue(storage, Relay, change is null ? options : change(options), []);
        _open.Add(queue);
        await queue.StartAsync(CancellationToken.None);
        return queue;
    }

    /// <summary>Has a message accepted.</summary>
    protected Task EnqueueAsync(MailQueue queue, string to, int size = 500) => EnqueueAsync(queue, [to], size);

    /// <summary>The same for several recipients.</summary>
    protected async Task EnqueueAsync(MailQueue queue, string[] to, int size = 500) => Assert.Equal(250, (await TryEnqueueAsync(queue, to, size)).Reply.Code);

    /// <summary>Offers a message.</summary>
    protected Task<EnqueueResult> TryEnqueueAsync(MailQueue queue, string to) => TryEnqueueAsync(queue, [to], 500);

    private async Task<EnqueueResult> TryEnqueueAsync(MailQueue queue, string[] to, int size)
    {
        Envelope envelope = Envelopes.Make(Contents.InMemory(new string('x', size) + "\r\n"), "alice@example.com", to) with { Id = _ids.Next(), ReceivedAt = DateTimeOffset.UtcNow };
        EnqueueResult result = await queue.EnqueueAsync(envelope, CancellationToken.None);
        envelope.Content.Release();
        return result;
    }

    /// <summary>Waits until so many attempts have begun.</summary>
    protected async Task WaitForAttemptsAsync(int count)
    {
        using var end = new CancellationTokenSource(Patience);
        while (Relay.Attempts.Count < count)
            await Task.Delay(20, end.Token);
    }

    /// <summary>Waits until there is nothing in the broker, and nothing in anybody's hands.</summary>
    protected async Task WaitForEmptyAsync()
    {
        using var end = new CancellationTokenSource(Patience);
        await using IConnection connection = await BrokerConnections.OpenAsync(Place, Place.Nodes, "test", end.Token);
        IChannel channel = await connection.CreateChannelAsync(cancellationToken: end.Token);
        var topology = new BrokerTopology(Place.Prefix, Place.IsSingle);
        while (true)
        {
            long left = Storages.Sum(static storage => storage.GetInfo().Items) + await DelayedMessages.CountAsync(connection, topology, end.Token);
            foreach (string queue in topology.Queues)
                left += await channel.MessageCountAsync(queue, end.Token);
            if (left == 0)
                return;
            await Task.Delay(50, end.Token);
        }
    }
}
