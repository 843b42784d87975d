using System.Globalization;
using SlimtaFast.Queue.RabbitMq.Topology;

namespace SlimtaFast.Queue.RabbitMq.Consuming;

/// <summary>
/// The consumers of one channel, one for each work queue. Where each queue is one worker's at a time, the broker gives it to whoever asked first, and moves it only when he
/// goes: so a worker that has more than its part asks again for what is too much, as the last in line. Not thread-safe.
/// </summary>
internal sealed class PartitionConsumers
{
    private readonly ConsumerRun _run;
    private readonly BrokerTopology _topology;
    private readonly MessageIntake _intake;
    private readonly bool _isSingle;
    private readonly WorkConsumer[] _consumers = new WorkConsumer[Partitions.Count];
    private readonly int[] _turns = new int[Partitions.Count];

    /// <summary>Makes consumers that have not begun.</summary>
    public PartitionConsumers(ConsumerRun run, BrokerTopology topology, MessageIntake intake, bool isSingle)
    {
        _run = run;
        _topology = topology;
        _intake = intake;
        _isSingle = isSingle;
    }

    /// <summary>Asks for all queues.</summary>
    /// <param name="worker">The worker's name, by which queues prefer one to another where several may have them.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task BeginAsync(string worker, CancellationToken cancellationToken)
    {
        for (int partition = 0; partition < Partitions.Count; partition++)
            await BeginAsync(partition, _isSingle ? null : WorkConsumer.MakeArguments(Partitions.PreferenceOf(worker, partition)), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives up what is more than this worker's part of the queues that have anything.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task ShareAsync(CancellationToken cancellationToken)
    {
        // Each worker asks for the queue of those that are handed out alone, and once: so the broker knows how many there are.
        uint workers = await _run.Channel.ConsumerCountAsync(_topology.AloneQueue, cancellationToken).ConfigureAwait(false);
        List<int> ours = [.. Enumerable.Range(0, Partitions.Count).Where(partition => _consumers[partition].TakeNews())];
        foreach (int partition in Partitions.MoreThanPart(ours, (int)Math.Max(1, workers)))
        {
            // What it has in hand it keeps until it is done with it.
            await _run.Channel.BasicCancelAsync(TagOf(partition), noWait: false, cancellationToken).ConfigureAwait(false);
            _turns[partition]++;
            await BeginAsync(partition, null, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task BeginAsync(int partition, IDictionary<string, object?>? arguments, CancellationToken cancellationToken)
    {
        _consumers[partition] = new WorkConsumer(_run, partition, _intake);
        await _run.Channel.BasicConsumeAsync(_topology.WorkQueues[partition], autoAck: false, TagOf(partition), noLocal: false, exclusive: false, arguments, _consumers[partition], cancellationToken).ConfigureAwait(false);
    }

    private string TagOf(int partition) => string.Create(CultureInfo.InvariantCulture, $"work.{partition}.{_turns[partition]}");
}
