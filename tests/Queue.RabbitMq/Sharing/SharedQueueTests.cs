using System.Collections.Concurrent;
using System.Globalization;
using RabbitMQ.Client;
using SlimtaFast.Mail;
using SlimtaFast.Queue.RabbitMq.Connections;
using SlimtaFast.Queue.RabbitMq.Topology;
using SlimtaFast.Relay;
using SlimtaFast.Storage;
using SlimtaFast.Storage.Redis.Tests.Sharing;
using SlimtaFast.TestKit.RabbitMq;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Queue.RabbitMq.Tests.Sharing;

/// <summary>Several queues on one broker.</summary>
public sealed class SharedQueueTests(RabbitMqFixture fixture) : BrokerQueues(fixture)
{
    [FullFact(RabbitMqBroker.Server)]
    public async Task Each_message_is_delivered_once_whoever_took_it()
    {
        MailQueue edge = await OpenAsync(static options => options with { Hold = true });
        MailQueue first = await OpenAsync();
        MailQueue second = await OpenAsync();
        MailQueue[] takers = [edge, first, second];
        const int Messages = 300;
        await Task.WhenAll(Enumerable.Range(0, Messages).Select(i => EnqueueAsync(takers[i % 3], $"b@host{i % 11}.example", size: i % 50 == 0 ? 200_000 : 500)));
        await Relay.WaitAsync(() => Relay.Delivered.Count == Messages, Patience);
        await WaitForEmptyAsync();
        Assert.Empty(Relay.Overlaps);
        Assert.All(Relay.Delivered.Values, static count => Assert.Equal(1, count));
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Retries_come_back_through_the_delay_queues_and_keep_what_was_reached()
    {
        var times = new ConcurrentQueue<DateTimeOffset>();
        Relay.Script = (_, attempt, _) =>
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
        await Relay.WaitAsync(() => Relay.Attempts.Count >= 4, Patience);
        await WaitForEmptyAsync();
        Assert.Equal([1, 2, 3, 4], Relay.Attempts.Select(static attempt => attempt.Number));
        Assert.Empty(Relay.Overlaps);

        // Never before its time; how much later depends on how busy this machine is, and that it comes at all is seen above.
        DateTimeOffset[] at = [.. times];
        Assert.True((at[1] - at[0]).TotalSeconds > 0.4);
        Assert.True((at[2] - at[1]).TotalSeconds > 2.4);
        Assert.True((at[3] - at[2]).TotalSeconds > 6.4);
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task No_queue_lets_the_broker_throw_away_what_was_handed_out_too_often()
    {
        MailQueue queue = await OpenAsync();
        Relay.Script = DeferOnce;
        await EnqueueAsync(queue, "b@host.example");
        await Relay.WaitAsync(() => Relay.Delivered.Count == 1, Patience);
        var topology = new BrokerTopology(Place.Prefix);
        string[] queues = (await Fixture.Broker.Nodes[0].ControlAsync("list_queues", "--no-table-headers", "name", "arguments")).Split('\n');
        foreach (string name in topology.Queues.Append(topology.DelayQueue(0)))
            Assert.Contains($"\"x-delivery-limit\",{int.MaxValue}", Assert.Single(queues, line => line.StartsWith(name + '\t', StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Operator_is_told_that_nothing_is_taken_out_of_a_broker_by_its_id()
    {
        Relay.Script = static (_, attempt, _) => Task.FromResult(
            DeliveryReport.ForAll(attempt.Recipients.Count, new RecipientOutcome(OutcomeKind.Transient, new SmtpReply(451, "4.3.0", "Later"))));
        MailQueue queue = await OpenAsync(static options => options with { Retry = new RetrySchedule([TimeSpan.FromHours(1)], repeatsLast: true, TimeSpan.FromDays(1)) });
        await EnqueueAsync(queue, "b@host.example");
        await Relay.WaitForAttemptAsync(Patience);
        QueueId id = Relay.Attempts.Single().Id;
        using var end = new CancellationTokenSource(Patience);
        while (queue.GetSnapshot() is { Active: > 0 } or { Recording: > 0 })
            await Task.Delay(20, end.Token);
        Assert.False(queue.Desk.ReachesAll);
        Assert.Null(await queue.Desk.FindAsync(id));
        Assert.Equal([new OrderedItem(id, OrderOutcome.OutOfReach)], (await queue.Desk.OrderAsync(new QueueOrder(QueueAction.Retry, "the test") { Ids = [id] })).Items);
        QueueDeskException refused = await Assert.ThrowsAsync<QueueDeskException>(() => queue.Desk.OrderAsync(new QueueOrder(QueueAction.Hold, "the test") { Ids = [id] }));
        Assert.Contains("hands no item out by its id", refused.Message, StringComparison.Ordinal);
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Refused_message_is_gone_and_its_report_delivered_once()
    {
        Relay.Script = (envelope, attempt, _) => Task.FromResult(envelope.ReversePath.IsNull
            ? WatchfulRelay.Deliver(attempt)
            : DeliveryReport.ForAll(attempt.Recipients.Count, new RecipientOutcome(OutcomeKind.Permanent, new SmtpReply(550, "5.1.1", "No such user"))));
        MailQueue queue = await OpenAsync();
        await OpenAsync();
        await EnqueueAsync(queue, "b@host.example");
        await Relay.WaitAsync(() => Relay.Delivered.Count == 1, Patience);
        await WaitForEmptyAsync();
        Assert.Equal(2, Relay.Attempts.Count);
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Items_of_a_hop_that_is_down_go_back_and_use_up_no_attempt()
    {
        bool isUp = false;
        Relay.Script = (_, attempt, _) => Task.FromResult(Volatile.Read(ref isUp)
            ? WatchfulRelay.Deliver(attempt)
            : DeliveryReport.ForAll(attempt.Recipients.Count, new RecipientOutcome(OutcomeKind.Transient, new SmtpReply(421, "4.4.1", "No connection")), HopCondition.Down));
        MailQueue queue = await OpenAsync(static options => options with { HopRetryFirst = TimeSpan.FromSeconds(1), HopRetryMost = TimeSpan.FromSeconds(1) });
        for (int i = 0; i < 30; i++)
            await EnqueueAsync(queue, "b@down.example");
        await Relay.WaitForAttemptAsync(Patience);
        Volatile.Write(ref isUp, true);
        await Relay.WaitAsync(() => Relay.Delivered.Count == 30, Patience);
        await WaitForEmptyAsync();
        Assert.All(Relay.Attempts, static attempt => Assert.Equal(1, attempt.Number));
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Message_that_waits_for_its_turn_is_rerouted_and_keeps_its_way_in_the_broker()
    {
        MailQueue queue = await OpenAsync(RerouteTrial.OneAtATime);
        await new RerouteTrial(Relay, Patience).RunAsync(queue, to => EnqueueAsync(queue, to), WaitForEmptyAsync);
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Stopped_queue_gives_back_what_it_has()
    {
        var never = new TaskCompletionSource();
        Relay.Script = async (_, attempt, token) =>
        {
            await never.Task.WaitAsync(token);
            return WatchfulRelay.Deliver(attempt);
        };
        MailQueue first = await OpenAsync(static options => options with { HopMaxAttempts = 1, HopInitialAttempts = 1, StopGrace = TimeSpan.Zero });
        for (int i = 0; i < 20; i++)
            await EnqueueAsync(first, "b@host.example");
        await Relay.WaitForAttemptAsync(Patience);
        await first.StopAsync(CancellationToken.None);
        await Storages[0].DisposeAsync();
        Relay.Script = null;
        await OpenAsync();
        await Relay.WaitAsync(() => Relay.Delivered.Count == 20, Patience);
        await WaitForEmptyAsync();
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Lost_channel_in_the_middle_of_attempts_repeats_nothing()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Relay.Script = async (_, attempt, token) =>
        {
            await gate.Task.WaitAsync(token);
            return WatchfulRelay.Deliver(attempt);
        };
        MailQueue queue = await OpenAsync();
        for (int i = 0; i < 20; i++)
            await EnqueueAsync(queue, $"b@host{i}.example");
        await WaitForAttemptsAsync(20);

        await Fixture.Broker.Nodes[0].ControlAsync("close_all_connections", "a test");
        gate.SetResult();
        await Relay.WaitAsync(() => Relay.Delivered.Count == 20, Patience);
        await WaitForEmptyAsync();
        Assert.Equal(20, Relay.Attempts.Count);
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Worker_that_publishes_nothing_goes_on_after_all_its_connections_were_lost()
    {
        MailQueue edge = await OpenAsync(static options => options with { Hold = true });
        await OpenAsync();
        await EnqueueAsync(edge, "b@host.example");
        await Relay.WaitAsync(() => Relay.Delivered.Count == 1, Patience);
        await Fixture.Broker.Nodes[0].ControlAsync("close_all_connections", "a test");

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

        await Relay.WaitAsync(() => Relay.Delivered.Count == 2, Patience);
        await WaitForEmptyAsync();

        async Task<bool> IsBackAsync(CancellationToken token)
        {
            try
            {
                await Storages[1].PingAsync(token);
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
        Relay.Script = async (envelope, attempt, token) =>
        {
            if (envelope.Domain == "slow.example")
                await never.Task.WaitAsync(token);
            return WatchfulRelay.Deliver(attempt);
        };
        Place = Place with { Prefetch = 20 };
        MailQueue queue = await OpenAsync(static options => options with { StopGrace = TimeSpan.Zero });
        for (int i = 0; i < 100; i++)
            await EnqueueAsync(queue, "b@slow.example");
        for (int i = 0; i < 10; i++)
            await EnqueueAsync(queue, $"b@{quick}");
        await Relay.WaitAsync(() => Relay.Delivered.Count == 10, Patience);
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Topology_is_made_once_and_again_when_the_broker_has_lost_it()
    {
        MailQueue queue = await OpenAsync();
        Relay.Script = DeferOnce;
        await EnqueueAsync(queue, "b@host.example");
        await Relay.WaitAsync(() => Relay.Delivered.Count == 1, Patience);

        // An operator removes everything under our feet: messages have no queue, consumers are cancelled, and nobody has to do anything.
        var topology = new BrokerTopology(Place.Prefix);
        await using (IConnection connection = await BrokerConnections.OpenAsync(Place, Place.Nodes, "test", CancellationToken.None))
        {
            IChannel channel = await connection.CreateChannelAsync();
            foreach (string name in topology.Queues.Concat(topology.DelayQueues))
                await channel.QueueDeleteAsync(name);
            await channel.ExchangeDeleteAsync(topology.Entry);
            await channel.ExchangeDeleteAsync(topology.Due);
        }

        using (var end = new CancellationTokenSource(Patience))
        {
            while ((await TryEnqueueAsync(queue, "c@host.example")).Reply.Code != 250)
                await Task.Delay(50, end.Token);
        }

        await Relay.WaitAsync(() => Relay.Delivered.Count == 2, Patience);
        await WaitForEmptyAsync();
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Broker_without_memory_puts_clients_off_and_takes_outcomes_afterwards()
    {
        MailQueue queue = await OpenAsync();
        await EnqueueAsync(queue, "b@host.example");
        await Fixture.Broker.Nodes[0].ControlAsync("set_vm_memory_high_watermark", "absolute", "1MB");
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
            await Fixture.Broker.Nodes[0].ControlAsync("set_vm_memory_high_watermark", "absolute", "1GB");
        }

        using var patience = new CancellationTokenSource(Patience);
        while ((await TryEnqueueAsync(queue, "d@host.example")).Reply.Code != 250)
            await Task.Delay(100, patience.Token);
        await WaitForEmptyAsync();
    }

    private static Task<DeliveryReport> DeferOnce(Envelope envelope, DeliveryAttempt attempt, CancellationToken cancellationToken) => Task.FromResult(attempt.Number > 1
        ? WatchfulRelay.Deliver(attempt)
        : DeliveryReport.ForAll(attempt.Recipients.Count, new RecipientOutcome(OutcomeKind.Transient, new SmtpReply(451, "4.3.0", "Later"))));
}
