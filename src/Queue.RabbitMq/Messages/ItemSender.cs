using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using SlimtaFast.Mail;
using SlimtaFast.Queue.RabbitMq.Connections;
using SlimtaFast.Queue.RabbitMq.Topology;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.RabbitMq.Messages;

/// <summary>Publishes items to where they belong: the work queue of their domain, or the delay queue that is nearest to their due time. Thread-safe.</summary>
internal sealed class ItemSender
{
    private readonly Publisher _publisher;
    private readonly BrokerTopology _topology;
    private readonly RabbitMqOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Sends by way of a publisher.</summary>
    public ItemSender(Publisher publisher, BrokerTopology topology, RabbitMqOptions options, TimeProvider time, ILogger logger)
    {
        _publisher = publisher;
        _topology = topology;
        _options = options;
        _time = time;
        _logger = logger;
    }

    /// <summary>Sends an item; a content that is too large for the broker has to be in the store when this ends.</summary>
    /// <exception cref="StorageException">It is not confirmed.</exception>
    public async Task SendAsync(QueueItem item, CancellationToken cancellationToken)
    {
        MessageContent content = item.Envelope.Content;

        // A report is never larger than the queue's options allow, and must not be stuck for want of a store.
        bool inline = content.Length <= _options.InlineLimit || (_options.Contents is null && item.Envelope.ReversePath.IsNull);
        if (!inline)
            await KeepAsync(item.Envelope.Id, content, cancellationToken).ConfigureAwait(false);
        ReadOnlyMemory<byte> body;
        try
        {
            body = await ItemMessage.WriteAsync(item, inline, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException trouble)
        {
            throw new StorageException(StorageFailure.Unavailable, $"A content could not be read: {trouble.Message}", trouble);
        }

        try
        {
            await SendAsync(item.Envelope.Id, body, Partitions.Of(item.Domain), item.State.DueAt, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException trouble) when (!inline && trouble.Failure != StorageFailure.DeadlinePassed)
        {
            // The broker has nothing for sure: or clients that try again while it is away would leave a content behind each time.
            await TryRemoveAsync(item.Envelope.Id).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Sends the next state of an item whose content is where it was.</summary>
    /// <exception cref="StorageException">It is not confirmed.</exception>
    public async Task SendNextAsync(ItemMessage message, DeliveryState state, int partition, CancellationToken cancellationToken)
    {
        var content = new CarriedContent(message);
        QueueItem next = message.Head.WithContent(content) with { State = state };
        ReadOnlyMemory<byte> body = await ItemMessage.WriteAsync(next, inline: !message.IsReferenced, cancellationToken).ConfigureAwait(false);
        await SendAsync(message.Id, body, partition, state.DueAt, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a message as it is, for what is left of a delay.</summary>
    /// <exception cref="StorageException">It is not confirmed.</exception>
    public Task SendOnAsync(ItemMessage message, int partition, DateTimeOffset notBefore, TimeSpan delay)
    {
        TimeSpan left = notBefore - _time.GetUtcNow();
        int? step = left > TimeSpan.Zero ? DelaySteps.For(left, delay) : null;
        return _publisher.PublishAsync(step, partition, ItemMessage.MakeProperties(message.Id, notBefore, delay), message.Body, CancellationToken.None);
    }

    /// <summary>Parks a message.</summary>
    /// <exception cref="StorageException">It is not confirmed.</exception>
    public Task ParkAsync(int partition, string? id, ReadOnlyMemory<byte> body, string reason)
    {
        BasicProperties properties = ParkedFormat.MakeProperties(id, partition, reason, _time.GetUtcNow());
        return _publisher.PublishToQueueAsync(_topology.ParkedQueue, properties, body);
    }

    /// <summary>Sends a message to those that are handed out one at a time.</summary>
    /// <exception cref="StorageException">It is not confirmed.</exception>
    public Task SendAloneAsync(ItemMessage message) =>
        _publisher.PublishToQueueAsync(_topology.AloneQueue, ItemMessage.MakeProperties(message.Id, null, default), message.Body);

    private Task SendAsync(QueueId id, ReadOnlyMemory<byte> body, int partition, DateTimeOffset due, CancellationToken cancellationToken)
    {
        TimeSpan delay = due - _time.GetUtcNow();
        return delay <= TimeSpan.Zero || DelaySteps.IsOver(delay, TimeSpan.Zero)
            ? _publisher.PublishAsync(null, partition, ItemMessage.MakeProperties(id, null, default), body, cancellationToken)
            : _publisher.PublishAsync(DelaySteps.For(delay, delay), partition, ItemMessage.MakeProperties(id, due, delay), body, cancellationToken);
    }

    private async ValueTask TryRemoveAsync(QueueId item)
    {
        try
        {
            await _options.Contents!.RemoveAsync(item, CancellationToken.None).ConfigureAwait(false);
        }
        catch (StorageException trouble)
        {
            RabbitMqLog.ContentStays(_logger, item, trouble);
        }
    }

    private async ValueTask KeepAsync(QueueId item, MessageContent content, CancellationToken cancellationToken)
    {
        if (_options.Contents is not { } store)
            throw new StorageException(StorageFailure.Full, $"A message of {content.Length} octets is larger than the broker's queues take, and there is no store for contents.");
        await store.KeepAsync(item, content, cancellationToken).ConfigureAwait(false);
    }
}
