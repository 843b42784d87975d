using System.Globalization;
using SlimtaFast.Queue.RabbitMq.Topology;
using SlimtaFast.Storage.Redis.Tests.Sharing;
using SlimtaFast.TestKit.RabbitMq;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Queue.RabbitMq.Tests.Sharing;

/// <summary>Work queues that are one worker's at a time each.</summary>
public sealed class SingleWorkerTests(RabbitMqFixture fixture) : BrokerQueues(fixture)
{
    [FullFact(RabbitMqBroker.Server)]
    public async Task Limit_of_a_destination_holds_over_all_workers_where_each_queue_is_one_workers()
    {
        const int Most = 3, Messages = 200;
        Place = Place with { IsSingle = true, Prefetch = 10 };
        int now = 0, most = 0;
        var gate = new SemaphoreSlim(0);
        Relay.Script = async (_, attempt, token) =>
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
            await Relay.WaitAsync(() => Relay.Delivered.Count > done, Patience);
        }

        await WaitForEmptyAsync();
        Assert.Equal(Most, most);
    }

    [FullFact(RabbitMqBroker.Server)]
    public async Task Worker_that_is_added_gets_its_part_where_each_queue_is_one_workers()
    {
        Place = Place with { IsSingle = true };
        string[] domains = [.. Enumerable.Range(0, Partitions.Count).Select(partition => Enumerable.Range(0, 1000)
            .Select(static i => string.Create(CultureInfo.InvariantCulture, $"host{i}.example")).First(domain => Partitions.Of(domain) == partition))];
        MailQueue edge = await OpenAsync(static options => options with { Hold = true });
        await OpenAsync();
        await OpenAsync();
        await OpenAsync();

        // Mail for all destinations, until each of the three has some of it: what a worker has in hand is in its storage.
        var seen = new HashSet<int>();
        using var end = new CancellationTokenSource(Patience);
        Relay.Script = async (_, attempt, token) =>
        {
            await Task.Delay(20, token);
            return WatchfulRelay.Deliver(attempt);
        };
        while (seen.Count < 3)
        {
            foreach (string domain in domains)
                await EnqueueAsync(edge, "b@" + domain);
            for (int i = 1; i < Storages.Count; i++)
            {
                if (Storages[i].GetInfo().Items > 0)
                    seen.Add(i);
            }

            end.Token.ThrowIfCancellationRequested();
        }

        await WaitForEmptyAsync();
        Assert.Empty(Relay.Overlaps);
        Assert.All(Relay.Delivered.Values, static count => Assert.Equal(1, count));
    }
}
