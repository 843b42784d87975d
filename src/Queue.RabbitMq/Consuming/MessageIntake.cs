using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using SlimtaFast.Queue.RabbitMq.Messages;
using SlimtaFast.Queue.RabbitMq.Topology;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.RabbitMq.Consuming;

/// <summary>
/// Decides what becomes of each message that the broker hands out: kept for the queue, sent on into another delay or to those that are handed out one at a
/// time, dropped as a copy, or parked. Thread-safe.
/// </summary>
internal sealed class MessageIntake
{
    // A message that waits behind others in a worker's hands when that ends is handed out anew as often as the one that ended it. Only what each worker
    // has one of at a time shows which it was; that this one is an innocent three times is not likely.
    private const int MostAlone = 3;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly DeliveryTable _table;
    private readonly ItemSender _sender;
    private readonly RabbitMqOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action _notice;

    /// <summary>Makes an intake.</summary>
    /// <param name="table">Where messages are kept for the queue.</param>
    /// <param name="sender">Sends on what is not due.</param>
    /// <param name="options">The limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of what is parked.</param>
    /// <param name="notice">Called when there is something for the queue.</param>
    public MessageIntake(DeliveryTable table, ItemSender sender, RabbitMqOptions options, TimeProvider time, ILogger logger, Action notice)
    {
        _table = table;
        _sender = sender;
        _options = options;
        _time = time;
        _logger = logger;
        _notice = notice;
    }

    /// <summary>Takes a message; returns at once.</summary>
    /// <param name="run">The channel.</param>
    /// <param name="from">The work queue that it came from; null where it is one of those that are handed out one at a time.</param>
    /// <param name="tag">Its tag on the channel.</param>
    /// <param name="properties">The message's properties.</param>
    /// <param name="body">Its octets.</param>
    public void Receive(ConsumerRun run, int? from, ulong tag, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body)
    {
        ItemMessage? message = ItemMessage.TryRead(properties, body, out string problem);
        if (message is null)
        {
            _ = ParkAsync(run, from ?? 0, tag, properties.MessageId, body, problem);
            return;
        }

        bool isAlone = from is null;
        int partition = from ?? Partitions.Of(message.Head.Item.Domain);
        if (isAlone && message.Deliveries >= MostAlone)
        {
            _ = ParkAsync(run, partition, tag, properties.MessageId, body, $"{message.Deliveries} workers ended while they had it as the only one of those that were handed out often: it may be what ends them");
            return;
        }

        if (!isAlone && message.Deliveries >= _options.MaxDeliveries)
        {
            _ = SendAloneAsync(run, tag, message);
            return;
        }

        TimeSpan left = message.NotBefore - _time.GetUtcNow();
        if (left > TimeSpan.Zero && !DelaySteps.IsOver(left, message.Delay))
        {
            _ = SendOnAsync(run, partition, tag, message);
            return;
        }

        switch (_table.Add(message, partition, isAlone, run, tag, out HeldDelivery? stale))
        {
            case ArrivalVerdict.New:
                if (stale is not null)
                    _ = stale.Run.TryAcknowledgeAsync(stale.Tag).AsTask();
                _notice();
                break;
            case ArrivalVerdict.Superfluous:
                RabbitMqLog.CopyDropped(_logger, message.Id);
                _ = run.TryAcknowledgeAsync(tag).AsTask();
                break;
        }
    }

    /// <summary>Puts a message where an operator finds it, and ends its delivery; where that fails it is handed out anew.</summary>
    public async Task ParkAsync(ConsumerRun run, int partition, ulong tag, string? id, ReadOnlyMemory<byte> body, string reason)
    {
        RabbitMqLog.Parked(_logger, id, reason);
        try
        {
            await _sender.ParkAsync(partition, id, body, reason).ConfigureAwait(false);
            await run.TryAcknowledgeAsync(tag).ConfigureAwait(false);
        }
        catch (StorageException trouble)
        {
            await TryAgainAsync(run, tag, id, trouble).ConfigureAwait(false);
        }
    }

    private async Task SendOnAsync(ConsumerRun run, int partition, ulong tag, ItemMessage message)
    {
        try
        {
            if (!run.IsOpen)
                return;
            await _sender.SendOnAsync(message, partition, message.NotBefore, message.Delay).ConfigureAwait(false);
            await run.TryAcknowledgeAsync(tag).ConfigureAwait(false);
        }
        catch (StorageException trouble)
        {
            await TryAgainAsync(run, tag, message.Id.ToString(), trouble).ConfigureAwait(false);
        }
    }

    private async Task SendAloneAsync(ConsumerRun run, ulong tag, ItemMessage message)
    {
        try
        {
            if (!run.IsOpen)
                return;
            RabbitMqLog.HandedOutOften(_logger, message.Id, message.Deliveries);
            await _sender.SendAloneAsync(message).ConfigureAwait(false);
            await run.TryAcknowledgeAsync(tag).ConfigureAwait(false);
        }
        catch (StorageException trouble)
        {
            await TryAgainAsync(run, tag, message.Id.ToString(), trouble).ConfigureAwait(false);
        }
    }

    // Not at once, or a broker that takes nothing would be asked without end.
    private async Task TryAgainAsync(ConsumerRun run, ulong tag, string? id, StorageException trouble)
    {
        RabbitMqLog.SendingOnFailed(_logger, id, trouble);
        await Task.Delay(Pause, _time).ConfigureAwait(false);
        await run.ReturnAsync(tag).ConfigureAwait(false);
    }
}
