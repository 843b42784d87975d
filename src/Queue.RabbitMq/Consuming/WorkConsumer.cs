using RabbitMQ.Client;

namespace SlimtaFast.Queue.RabbitMq.Consuming;

/// <summary>What the client calls with each message of one work queue, or of those that are handed out one at a time.</summary>
internal sealed class WorkConsumer : AsyncDefaultBasicConsumer
{
    /// <summary>The tag of the one for messages that are handed out one at a time.</summary>
    public const string AloneTag = "alone";

    private readonly ConsumerRun _run;
    private readonly int? _partition;
    private readonly MessageIntake _intake;
    private int _hasReceived;

    /// <summary>Passes messages on.</summary>
    /// <param name="run">The channel.</param>
    /// <param name="partition">The work queue; null for those that are handed out one at a time.</param>
    /// <param name="intake">Where to.</param>
    public WorkConsumer(ConsumerRun run, int? partition, MessageIntake intake)
        : base(run.Channel)
    {
        _run = run;
        _partition = partition;
        _intake = intake;
    }

    /// <summary>The arguments of a consumer that its queue prefers to others by so much.</summary>
    public static IDictionary<string, object?> MakeArguments(int preference) => new Dictionary<string, object?> { ["x-priority"] = preference };

    /// <summary>True where a message came since this was asked before.</summary>
    public bool TakeNews() => Interlocked.Exchange(ref _hasReceived, 0) != 0;

    /// <inheritdoc/>
    public override Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        Volatile.Write(ref _hasReceived, 1);

        // The octets are the client's, and used again after this.
        _intake.Receive(_run, _partition, deliveryTag, properties, body.ToArray());
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        // The queue was deleted, or has no majority: all of it is begun anew.
        _run.End();
        return Task.CompletedTask;
    }
}
