using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using RabbitMQ.Client;
using SlimtaFast.Mail;
using SlimtaFast.Queue.RabbitMq.Connections;
using SlimtaFast.Queue.RabbitMq.Topology;
using SlimtaFast.Storage;
using SlimtaFast.Storage.Redis.Tests.Sharing;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.RabbitMq;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Queue.RabbitMq.Tests.Sharing;

/// <summary>Several queues on one real broker, each with connections of its own, as in processes of their own.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The test framework calls DisposeAsync.")]
public sealed class SharedQueueTests(RabbitMqFixture fixture) : IClassFixture<RabbitMqFixture>, IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly QueueIdGenerator _ids = new(TimeProvider.System);
    private readonly WatchfulRelay _relay = new();
    private readonly List<IAsyncDisposable> _open = [];
    private readonly List<RabbitMqStorage> _storages = [];
    private RabbitMqOptions _place = null!;

    /// <inheritdoc/>
    public Task InitializeAsync()
    {
        if (fixture.Broker is not null)
            _place = fixture.NewPlace();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        for (int i = _open.Count - 1; i >= 0; i--)
            await _open[i].DisposeAsync();
        await _relay.DisposeAsync();
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Each_message_is_delivered_once_whoever_took_it()
    {
        MailQueue edge = await OpenAsync(static options => options with { Hold = true });
        MailQueue first = await OpenAsync();
        MailQueue second = await OpenAsync();
        MailQueue[] takers = [edge, first, second];
        const int Messages = 300;
        await Task.WhenAll(Enumerable.Range(0, Messages).Select(i => EnqueueAsync(takers[i % 3], $"b@host{i % 11}.example", size: i % 50 == 0 ? 200_000 : 500)));
        await _relay.WaitAsync(() => _relay.Delivered.Count == Messages, Patience);
        await WaitForEmptyAsync();
        Assert.Empty(_relay.Overlaps);
        Assert.All(_relay.Delivered.Values, static count => Assert.Equal(1, count));
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Retries_come_back_through_the_delay_queues_and_keep_what_was_reached()
    {
        var times = new ConcurrentQueue<DateTimeOffset>();
        _relay.Script = (_, attempt, _) =>
        {
            times.Enqueue(DateTimeOffset.UtcNow);
            return Task.FromResult(new DeliveryReport(
                [.. attempt.Recipients.Select((_, i) => i == attempt.Recipients.Count - 1
                    ? new RecipientOutcome(OutcomeKind.Delivered, new SmtpReply(250, "2.0.0", "Ok"))
                    : new RecipientOutcome(OutcomeKind.Transient, new SmtpReply(451, "4.3.0", "Later")))]));
        };
        MailQueue first = await OpenAsync(static options => options with { Retry = new RetrySchedule([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(7)], repeatsLast: true, TimeSpan.FromDays(1), jitter: 0) });
        await OpenAsync(static options => options with { Retry = new RetrySchedule([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(7)], repeatsLast: true, TimeSpan.FromDays(1), jitter: 0) });
        await EnqueueAsync(first, ["a@host.example", "b@host.example", "c@host.example", "d@host.example"]);
        await _relay.WaitAsync(() => _relay.Attempts.Count >= 4, Patience);
        await WaitForEmptyAsync();
        Assert.Equal([1, 2, 3, 4], _relay.Attempts.Select(static attempt => attempt.Number));
        Assert.Empty(_relay.Overlaps);

        // Never before its time; how much later depends on how busy this machine is, and that it comes at all is seen above.
        DateTimeOffset[] at = [.. times];
        Assert.True((at[1] - at[0]).TotalSeconds > 0.4);
        Assert.True((at[2] - at[1]).TotalSeconds > 2.4);
        Assert.True((at[3] - at[2]).TotalSeconds > 6.4);
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task No_queue_lets_the_broker_throw_away_what_was_handed_out_too_often()
    {
        await OpenAsync();
        string[] queues = (await fixture.Broker.Nodes[0].ControlAsync("list_queues", "--no-table-headers", "name", "arguments")).Split('\n');
        foreach (string queue in new BrokerTopology(_place.Prefix).Queues)
            Assert.Contains($"\"x-delivery-limit\",{int.MaxValue}", Assert.Single(queues, line => line.StartsWith(queue + '\t', StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Refused_message_is_gone_and_its_report_delivered_once()
    {
        _relay.Script = (envelope, attempt, _) => Task.FromResult(envelope.ReversePath.IsNull
            ? WatchfulRelay.Deliver(attempt)
            : DeliveryReport.ForAll(attempt.Recipients.Count, new RecipientOutcome(OutcomeKind.Permanent, new SmtpReply(550, "5.1.1", "No such user"))));
        MailQueue queue = await OpenAsync();
        await OpenAsync();
        await EnqueueAsync(queue, "b@host.example");
        await _relay.WaitAsync(() => _relay.Delivered.Count == 1, Patience);
        await WaitForEmptyAsync();
        Assert.Equal(2, _relay.Attempts.Count);
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Items_of_a_hop_that_is_down_go_back_and_use_up_no_attempt()
    {
        bool isUp = false;
        _relay.Script = (_, attempt, _) => Task.FromResult(Volatile.Read(ref isUp)
            ? WatchfulRelay.Deliver(attempt)
            : DeliveryReport.ForAll(attempt.Recipients.Count, new RecipientOutcome(OutcomeKind.Transient, new SmtpReply(421, "4.4.1", "No connection")), HopCondition.Down));
        MailQueue queue = await OpenAsync(static options => options with { HopRetryFirst = TimeSpan.FromSeconds(1), HopRetryMost = TimeSpan.FromSeconds(1) });
        for (int i = 0; i < 30; i++)
            await EnqueueAsync(queue, "b@down.example");
        await _relay.WaitForAttemptAsync(Patience);
        Volatile.Write(ref isUp, true);
        await _relay.WaitAsync(() => _relay.Delivered.Count == 30, Patience);
        await WaitForEmptyAsync();
        Assert.All(_relay.Attempts, static attempt => Assert.Equal(1, attempt.Number));
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Message_that_waits_for_its_turn_is_rerouted_and_keeps_its_way_in_the_broker()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ways = new ConcurrentQueue<(string Way, int Number)>();
        _relay.Script = async (_, attempt, stop) =>
        {
            if (attempt.RoutingDomain is null)
                await gate.Task.WaitAsync(stop);
            else
                ways.Enqueue((attempt.RoutingDomain, attempt.Number));
            return attempt.RoutingDomain is null || attempt.Number > 1
                ? WatchfulRelay.Deliver(attempt)
                : DeliveryReport.ForAll(attempt.Recipients.Count, new RecipientOutcome(OutcomeKind.Transient, new SmtpReply(451, "4.3.0", "Later")));
        };
        MailQueue queue = await OpenAsync(static options => options with { HopInitialAttempts = 1, HopMaxAttempts = 1 });
        await EnqueueAsync(queue, "first@host.example");
        await _relay.WaitForAttemptAsync(Patience);
        await EnqueueAsync(queue, "second@host.example");
        await EnqueueAsync(queue, "third@host.example");
        var order = new QueueOrder(QueueAction.Reroute, "the test") { Filter = new QueueFilter { Domain = "host.example" }, RoutingDomain = "backup.internal" };
        using var end = new CancellationTokenSource(Patience);
        for (int done = 0; done < 2; await Task.Delay(20, end.Token))
            done += (await queue.Desk.OrderAsync(order, end.Token)).Items.Count(static item => item.Outcome == OrderOutcome.Done);
        await _relay.WaitAsync(() => _relay.Delivered.Count == 2, Patience);
        gate.SetResult();
        await _relay.WaitAsync(() => _relay.Delivered.Count == 3, Patience);
        await WaitForEmptyAsync();
        Assert.Equal([("backup.internal", 1), ("backup.internal", 1), ("backup.internal", 2), ("backup.internal", 2)], ways.Order());
        Assert.Empty(_relay.Overlaps);
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Stopped_queue_gives_back_what_it_has()
    {
        var never = new TaskCompletionSource();
        _relay.Script = async (_, attempt, token) =>
        {
            await never.Task.WaitAsync(token);
            return WatchfulRelay.Deliver(attempt);
        };
        MailQueue first = await OpenAsync(static options => options with { HopMaxAttempts = 1, HopInitialAttempts = 1, StopGrace = TimeSpan.Zero });
        for (int i = 0; i < 20; i++)
            await EnqueueAsync(first, "b@host.example");
        await _relay.WaitForAttemptAsync(Patience);
        await first.StopAsync(CancellationToken.None);
        await _storages[0].DisposeAsync();
        _relay.Script = null;
        await OpenAsync();
        await _relay.WaitAsync(() => _relay.Delivered.Count == 20, Patience);
        await WaitForEmptyAsync();
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Lost_channel_in_the_middle_of_attempts_repeats_nothing()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _relay.Script = async (_, attempt, token) =>
        {
            await gate.Task.WaitAsync(token);
            return WatchfulRelay.Deliver(attempt);
        };
        MailQueue queue = await OpenAsync();
        for (int i = 0; i < 20; i++)
            await EnqueueAsync(queue, $"b@host{i}.example");
        await WaitForAttemptsAsync(20);

        await fixture.Broker.Nodes[0].ControlAsync("close_all_connections", "a test");
        gate.SetResult();
        await _relay.WaitAsync(() => _relay.Delivered.Count == 20, Patience);
        await WaitForEmptyAsync();
        Assert.Equal(20, _relay.Attempts.Count);
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Worker_that_publishes_nothing_goes_on_after_all_its_connections_were_lost()
    {
        MailQueue edge = await OpenAsync(static options => options with { Hold = true });
        await OpenAsync();
        await EnqueueAsync(edge, "b@host.example");
        await _relay.WaitAsync(() => _relay.Delivered.Count == 1, Patience);
        await fixture.Broker.Nodes[0].ControlAsync("close_all_connections", "a test");

        // As the queue does that found the storage away: it asks until the storage takes changes.
        using (var end = new CancellationTokenSource(Patience))
        {
            while (!await IsBackAsync(end.Token))
                await Task.Delay(50, end.Token);
        }

        using (var end = new CancellationTokenSource(Patience))
        {
            while ((await TryEnqueueAsync(edge, "c@host.example")).Reply.Code != 250)
                await Task.Delay(50, end.Token);
        }

        await _relay.WaitAsync(() => _relay.Delivered.Count == 2, Patience);
        await WaitForEmptyAsync();

        async Task<bool> IsBackAsync(CancellationToken token)
        {
            try
            {
                await _storages[1].PingAsync(token);
                return true;
            }
            catch (StorageException)
            {
                return false;
            }
        }
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Slow_destination_with_a_backlog_holds_up_no_other()
    {
        string quick = Enumerable.Range(0, 1000).Select(static i => string.Create(CultureInfo.InvariantCulture, $"quick{i}.example"))
            .First(static domain => Partitions.Of(domain) == Partitions.Of("slow.example"));
        var never = new TaskCompletionSource();
        _relay.Script = async (envelope, attempt, token) =>
        {
            if (envelope.Domain == "slow.example")
                await never.Task.WaitAsync(token);
            return WatchfulRelay.Deliver(attempt);
        };
        _place = _place with { Prefetch = 20 };
        MailQueue queue = await OpenAsync(static options => options with { StopGrace = TimeSpan.Zero });
        for (int i = 0; i < 100; i++)
            await EnqueueAsync(queue, "b@slow.example");
        for (int i = 0; i < 10; i++)
            await EnqueueAsync(queue, $"b@{quick}");
        await _relay.WaitAsync(() => _relay.Delivered.Count == 10, Patience);
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task What_cannot_be_read_is_parked_with_its_reason()
    {
        await OpenAsync();
        await using (IConnection connection = await BrokerConnections.OpenAsync(_place, _place.Nodes, "test", CancellationToken.None))
        {
            var topology = new BrokerTopology(_place.Prefix);
            IChannel channel = await connection.CreateChannelAsync();
            await channel.BasicPublishAsync(topology.Entry, topology.KeyOf(3), mandatory: true, new BasicProperties { MessageId = "strange", Persistent = true }, "no item"u8.ToArray());
        }

        var parked = new ParkedMessages(_place, TimeProvider.System);
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
        _place = _place with { MaxDeliveries = 1 };
        var never = new TaskCompletionSource();
        _relay.Script = async (_, attempt, token) =>
        {
            await never.Task.WaitAsync(token);
            return WatchfulRelay.Deliver(attempt);
        };
        const int Ends = 4;
        for (int i = 0; i < Ends; i++)
        {
            await OpenAsync(static options => options with { StopGrace = TimeSpan.Zero });
            await WaitForAttemptsAsync(i + 1);
            await _storages[^1].DisposeAsync();
            _storages.RemoveAt(_storages.Count - 1);
        }

        _relay.Script = null;
        await OpenAsync();
        var parked = new ParkedMessages(_place, TimeProvider.System);
        using var end = new CancellationTokenSource(Patience);
        while ((await parked.ListAsync(10, end.Token)).Count == 0)
            await Task.Delay(50, end.Token);
        Assert.Equal(Ends, _relay.Attempts.Count);
        ParkedMessage message = Assert.Single(await parked.ListAsync(10, end.Token));
        Assert.Equal(1, await parked.RetryAsync(message.Id, end.Token));
        await _relay.WaitAsync(() => _relay.Delivered.Count == 1, Patience);
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
        _place = _place with { MaxDeliveries = Often };
        await using (IConnection connection = await BrokerConnections.OpenAsync(_place, _place.Nodes, "test", CancellationToken.None))
        {
            string queue = new BrokerTopology(_place.Prefix).WorkQueues[Partitions.Of("host.example")];
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
        await _relay.WaitAsync(() => _relay.Delivered.Count == Messages, Patience);
        await WaitForEmptyAsync();
        Assert.Equal(Messages, _relay.Attempts.Count);
        Assert.Empty(await new ParkedMessages(_place, TimeProvider.System).ListAsync(10, CancellationToken.None));
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Limit_of_a_destination_holds_over_all_workers_where_each_queue_is_one_workers()
    {
        const int Most = 3, Messages = 200;
        _place = _place with { IsSingle = true, Prefetch = 10 };
        int now = 0, most = 0;
        var gate = new SemaphoreSlim(0);
        _relay.Script = async (_, attempt, token) =>
        {
            int at = Interlocked.Increment(ref now);
            int known;
            while ((known = Volatile.Read(ref most)) < at && Interlocked.CompareExchange(ref most, at, known) != known)
            {
                // Somebody else was quicker.
            }

            await gate.WaitAsync(token);
            Interlocked.Decrement(ref now);
            return WatchfulRelay.Deliver(attempt);
        };
        MailQueue edge = await OpenAsync(static options => options with { Hold = true });
        for (int i = 0; i < Messages; i++)
            await EnqueueAsync(edge, "b@host.example");
        for (int i = 0; i < 3; i++)
            await OpenAsync(static options => options with { HopMaxAttempts = Most, HopInitialAttempts = Most });
        for (int done = 0; done < Messages; done++)
        {
            gate.Release();
            await _relay.WaitAsync(() => _relay.Delivered.Count > done, Patience);
        }

        await WaitForEmptyAsync();
        Assert.Equal(Most, most);
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Worker_that_is_added_gets_its_part_where_each_queue_is_one_workers()
    {
        _place = _place with { IsSingle = true };
        string[] domains = [.. Enumerable.Range(0, Partitions.Count).Select(partition => Enumerable.Range(0, 1000)
            .Select(static i => string.Create(CultureInfo.InvariantCulture, $"host{i}.example")).First(domain => Partitions.Of(domain) == partition))];
        MailQueue edge = await OpenAsync(static options => options with { Hold = true });
        await OpenAsync();
        await OpenAsync();
        await OpenAsync();

        // Mail for all destinations, until each of the three has some of it: what a worker has in hand is in its storage.
        var seen = new HashSet<int>();
        using var end = new CancellationTokenSource(Patience);
        _relay.Script = async (_, attempt, token) =>
        {
            await Task.Delay(20, token);
            return WatchfulRelay.Deliver(attempt);
        };
        while (seen.Count < 3)
        {
            foreach (string domain in domains)
                await EnqueueAsync(edge, "b@" + domain);
            for (int i = 1; i < _storages.Count; i++)
            {
                if (_storages[i].GetInfo().Items > 0)
                    seen.Add(i);
            }

            end.Token.ThrowIfCancellationRequested();
        }

        await WaitForEmptyAsync();
        Assert.Empty(_relay.Overlaps);
        Assert.All(_relay.Delivered.Values, static count => Assert.Equal(1, count));
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Topology_is_made_once_and_again_when_the_broker_has_lost_it()
    {
        MailQueue queue = await OpenAsync();
        await EnqueueAsync(queue, "b@host.example");
        await _relay.WaitAsync(() => _relay.Delivered.Count == 1, Patience);

        // An operator removes everything under our feet: messages have no queue, consumers are cancelled, and nobody has to do anything.
        var topology = new BrokerTopology(_place.Prefix);
        await using (IConnection connection = await BrokerConnections.OpenAsync(_place, _place.Nodes, "test", CancellationToken.None))
        {
            IChannel channel = await connection.CreateChannelAsync();
            foreach (string name in topology.Queues)
                await channel.QueueDeleteAsync(name);
            await channel.ExchangeDeleteAsync(topology.Entry);
            await channel.ExchangeDeleteAsync(topology.Due);
        }

        using (var end = new CancellationTokenSource(Patience))
        {
            while ((await TryEnqueueAsync(queue, "c@host.example")).Reply.Code != 250)
                await Task.Delay(50, end.Token);
        }

        await _relay.WaitAsync(() => _relay.Delivered.Count == 2, Patience);
        await WaitForEmptyAsync();
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Broker_without_memory_puts_clients_off_and_takes_outcomes_afterwards()
    {
        MailQueue queue = await OpenAsync();
        await EnqueueAsync(queue, "b@host.example");
        await fixture.Broker.Nodes[0].ControlAsync("set_vm_memory_high_watermark", "absolute", "1MB");
        try
        {
            EnqueueResult result;
            using (var end = new CancellationTokenSource(Patience))
            {
                do
                {
                    result = await TryEnqueueAsync(queue, "c@host.example");
                    end.Token.ThrowIfCancellationRequested();
                }
                while (result.Reply.Code == 250);
            }

            Assert.Equal(4, result.Reply.Code / 100);
        }
        finally
        {
            await fixture.Broker.Nodes[0].ControlAsync("set_vm_memory_high_watermark", "absolute", "1GB");
        }

        using var patience = new CancellationTokenSource(Patience);
        while ((await TryEnqueueAsync(queue, "d@host.example")).Reply.Code != 250)
            await Task.Delay(100, patience.Token);
        await WaitForEmptyAsync();
    }

    private async Task<MailQueue> OpenAsync(Func<MailQueueOptions, MailQueueOptions>? change = null)
    {
        var storage = new RabbitMqStorage(_place, TimeProvider.System);
        _open.Add(storage);
        _storages.Add(storage);
        await storage.StartAsync(CancellationToken.None);
        var options = new MailQueueOptions { HostName = "mx.example.org", Retry = new RetrySchedule([TimeSpan.FromSeconds(1)], repeatsLast: true, TimeSpan.FromDays(1)) };
        var queue = new MailQueue(storage, _relay, change is null ? options : change(options), []);
        _open.Add(queue);
        await queue.StartAsync(CancellationToken.None);
        return queue;
    }

    private Task EnqueueAsync(MailQueue queue, string to, int size = 500) => EnqueueAsync(queue, [to], size);

    private async Task EnqueueAsync(MailQueue queue, string[] to, int size = 500) => Assert.Equal(250, (await TryEnqueueAsync(queue, to, size)).Reply.Code);

    private Task<EnqueueResult> TryEnqueueAsync(MailQueue queue, string to) => TryEnqueueAsync(queue, [to], 500);

    private async Task<EnqueueResult> TryEnqueueAsync(MailQueue queue, string[] to, int size)
    {
        Envelope envelope = Envelopes.Make(Contents.InMemory(new string('x', size) + "\r\n"), "alice@example.com", to) with { Id = _ids.Next(), ReceivedAt = DateTimeOffset.UtcNow };
        EnqueueResult result = await queue.EnqueueAsync(envelope, CancellationToken.None);
        envelope.Content.Release();
        return result;
    }

    private async Task WaitForAttemptsAsync(int count)
    {
        using var end = new CancellationTokenSource(Patience);
        while (_relay.Attempts.Count < count)
            await Task.Delay(20, end.Token);
    }

    // Nothing in the broker, and nothing in anybody's hands.
    private async Task WaitForEmptyAsync()
    {
        using var end = new CancellationTokenSource(Patience);
        await using IConnection connection = await BrokerConnections.OpenAsync(_place, _place.Nodes, "test", end.Token);
        IChannel channel = await connection.CreateChannelAsync(cancellationToken: end.Token);
        while (true)
        {
            long left = _storages.Sum(static storage => storage.GetInfo().Items);
            foreach (string queue in new BrokerTopology(_place.Prefix, _place.IsSingle).Queues)
                left += await channel.MessageCountAsync(queue, end.Token);
            if (left == 0)
                return;
            await Task.Delay(50, end.Token);
        }
    }
}
