using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace SlimtaFast.Queue.RabbitMq.Consuming;

/// <summary>One channel on which messages are handed to us, until it is closed: then all of them that were not acknowledged are handed out anew. Thread-safe.</summary>
internal sealed class ConsumerRun
{
    private readonly IChannel _channel;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Stands for a channel that was just opened.</summary>
    public ConsumerRun(IChannel channel)
    {
        _channel = channel;
        channel.ChannelShutdownAsync += (_, _) =>
        {
            _ended.TrySetResult();
            return Task.CompletedTask;
        };
    }

    /// <summary>True while what was handed to us is ours.</summary>
    public bool IsOpen => !_ended.Task.IsCompleted && _channel.IsOpen;

    /// <summary>Ends when the channel does.</summary>
    public Task Ended => _ended.Task;

    /// <summary>The channel.</summary>
    public IChannel Channel => _channel;

    /// <summary>Counts it as ended, whatever the channel says.</summary>
    public void End() => _ended.TrySetResult();

    /// <summary>Tells the broker that a message is done with; false where it will be handed out anew.</summary>
    public async ValueTask<bool> TryAcknowledgeAsync(ulong tag)
    {
        try
        {
            await _channel.BasicAckAsync(tag, multiple: false).ConfigureAwait(false);
            return IsOpen;
        }
        catch (Exception lost) when (lost is RabbitMQClientException or ObjectDisposedException or IOException)
        {
            return false;
        }
    }

    /// <summary>Has a message handed out anew; where that fails it is, too.</summary>
    public async ValueTask ReturnAsync(ulong tag)
    {
        try
        {
            await _channel.BasicNackAsync(tag, multiple: false, requeue: true).ConfigureAwait(false);
        }
        catch (Exception lost) when (lost is RabbitMQClientException or ObjectDisposedException or IOException)
        {
            // The end of the channel did it.
        }
    }
}
