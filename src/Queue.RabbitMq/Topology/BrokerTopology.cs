using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.RabbitMq.Topology;

/// <summary>
/// What the broker is made to have: work queues, one for what nobody could work with, and a delay queue for each step once something has to wait so long,
/// all of them quorum queues; and two exchanges that tell them apart by a routing key of a delay step and a work queue. Declaring it again changes nothing;
/// its version is in every name. Immutable.
/// </summary>
internal sealed class BrokerTopology
{
    private const int Version = 1;
    private const ushort PreconditionFailed = 406;

    // A broker of version 4 throws away what was handed out more than 20 times, where the queue does not say otherwise. Whether a message is to be parked
    // is for workers to decide, and a parked one is handed out whenever an operator looks.
    private const long DeliveryLimit = int.MaxValue;

    // A step of its own for what is due at once.
    private const string Now = "now";

    private readonly string _prefix;
    private readonly string[] _dueKeys = new string[Partitions.Count];
    private readonly string[][] _delayKeys = new string[DelaySteps.Count][];
    private readonly bool _isSingle;

    /// <summary>Names everything behind a prefix.</summary>
    /// <param name="prefix">What all names begin with.</param>
    /// <param name="isSingle">True where each work queue is one worker's at a time.</param>
    public BrokerTopology(string prefix, bool isSingle = false)
    {
        _isSingle = isSingle;
        _prefix = string.Create(CultureInfo.InvariantCulture, $"{prefix}.{Version}{(isSingle ? "-single" : "")}.");
        for (int partition = 0; partition < Partitions.Count; partition++)
            _dueKeys[partition] = KeyOf(Now, partition);
        for (int step = 0; step < DelaySteps.Count; step++)
            _delayKeys[step] = [.. Enumerable.Range(0, Partitions.Count).Select(partition => KeyOf(StepName(step), partition))];
        WorkQueues = [.. Enumerable.Range(0, Partitions.Count).Select(partition => string.Create(CultureInfo.InvariantCulture, $"{_prefix}work.{partition}"))];
    }

    /// <summary>Where everything is published.</summary>
    public string Entry => _prefix + "in";

    /// <summary>Where the delay queues put what has waited there.</summary>
    public string Due => _prefix + "due";

    /// <summary>Where messages wait for an operator.</summary>
    public string ParkedQueue => _prefix + "parked";

    /// <summary>Where messages wait for a worker that were handed out often without an outcome: each worker has one of them at a time.</summary>
    public string AloneQueue => _prefix + "alone";

    /// <summary>Where messages wait for a worker, by partition.</summary>
    public IReadOnlyList<string> WorkQueues { get; }

    /// <summary>The queues that are always there.</summary>
    public IEnumerable<string> Queues => [.. WorkQueues, AloneQueue, ParkedQueue];

    /// <summary>The queues that are there once something has waited so long.</summary>
    public IEnumerable<string> DelayQueues => Enumerable.Range(0, DelaySteps.Count).Select(DelayQueue);

    /// <summary>The routing key of what is due.</summary>
    public string KeyOf(int partition) => _dueKeys[partition];

    /// <summary>The routing key of what has to wait.</summary>
    public string KeyOf(int step, int partition) => _delayKeys[step][partition];

    /// <summary>The queue of a delay step.</summary>
    public string DelayQueue(int step) => $"{_prefix}delay.{StepName(step)}";

    /// <summary>Makes what is missing, delay queues apart. A queue that is new takes its time, and there are many: each has the whole deadline.</summary>
    /// <param name="channel">By which; a refusal closes it.</param>
    /// <param name="each">How long one of them may take.</param>
    /// <param name="end">Ends it; its deadline is moved.</param>
    /// <exception cref="StorageException">The broker has something of that name that is made otherwise.</exception>
    public async Task DeclareAsync(IChannel channel, TimeSpan each, CancellationTokenSource end)
    {
        CancellationToken cancellationToken = end.Token;
        try
        {
            await channel.ExchangeDeclareAsync(Entry, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken).ConfigureAwait(false);
            await channel.ExchangeDeclareAsync(Due, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken).ConfigureAwait(false);
            foreach ((int partition, string queue) in WorkQueues.Index())
            {
                end.CancelAfter(each);
                await DeclareAsync(channel, queue, _isSingle ? new Dictionary<string, object?> { ["x-single-active-consumer"] = true } : [], cancellationToken).ConfigureAwait(false);
                await channel.QueueBindAsync(queue, Entry, KeyOf(partition), cancellationToken: cancellationToken).ConfigureAwait(false);
                await channel.QueueBindAsync(queue, Due, KeyOf("*", partition), cancellationToken: cancellationToken).ConfigureAwait(false);
            }

            end.CancelAfter(each);
            await DeclareAsync(channel, AloneQueue, [], cancellationToken).ConfigureAwait(false);
            end.CancelAfter(each);
            await DeclareAsync(channel, ParkedQueue, [], cancellationToken).ConfigureAwait(false);
        }
        catch (OperationInterruptedException refusal) when (IsMadeOtherwise(refusal))
        {
            throw MadeOtherwise(refusal);
        }
    }

    /// <summary>Makes the queue of a delay step where it is missing.</summary>
    /// <param name="channel">By which; a refusal closes it.</param>
    /// <param name="step">The step.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="StorageException">The broker has a queue of that name that is made otherwise.</exception>
    public async Task DeclareDelayAsync(IChannel channel, int step, CancellationToken cancellationToken)
    {
        // At least once: a message leaves the delay queue only when the work queue has confirmed it, which is what needs the overflow behaviour.
        var arguments = new Dictionary<string, object?>
        {
            ["x-message-ttl"] = (long)DelaySteps.LengthOf(step).TotalMilliseconds,
            ["x-dead-letter-exchange"] = Due,
            ["x-dead-letter-strategy"] = "at-least-once",
            ["x-overflow"] = "reject-publish",
        };
        try
        {
            await DeclareAsync(channel, DelayQueue(step), arguments, cancellationToken).ConfigureAwait(false);
            await channel.QueueBindAsync(DelayQueue(step), Entry, $"{StepName(step)}.*", cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (OperationInterruptedException refusal) when (IsMadeOtherwise(refusal))
        {
            throw MadeOtherwise(refusal);
        }
    }

    private static bool IsMadeOtherwise(OperationInterruptedException refusal) => refusal.ShutdownReason?.ReplyCode == PreconditionFailed;

    private StorageException MadeOtherwise(OperationInterruptedException refusal) => new(
        StorageFailure.Unavailable,
        $"The broker has one of {_prefix}* that is made otherwise; use another prefix, or remove it while it is empty: {refusal.ShutdownReason!.ReplyText}",
        refusal);

    private static Task<QueueDeclareOk> DeclareAsync(IChannel channel, string queue, Dictionary<string, object?> arguments, CancellationToken cancellationToken)
    {
        arguments["x-queue-type"] = "quorum";
        arguments["x-delivery-limit"] = DeliveryLimit;
        return channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
    }

    private static string StepName(int step) => string.Create(CultureInfo.InvariantCulture, $"{DelaySteps.LengthOf(step).TotalSeconds:F0}s");

    private static string KeyOf(string step, int partition) => string.Create(CultureInfo.InvariantCulture, $"{step}.{partition}");
}
