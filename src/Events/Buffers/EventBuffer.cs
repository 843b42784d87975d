using System.Threading.Channels;
using SlimtaFast.Mail;

namespace SlimtaFast.Events.Buffers;

/// <summary>
/// The bounded place between the threads that mail is served on and the one writer of an outlet: what does not fit is dropped and counted, and
/// nobody waits. Thread-safe for those who add; one reader.
/// </summary>
internal sealed class EventBuffer
{
    private readonly Channel<MailEvent> _channel;
    private readonly EventMetrics _metrics;

    /// <summary>Makes a buffer for so many events.</summary>
    public EventBuffer(int capacity, Func<EventBuffer, EventMetrics> makeMetrics)
    {
        _channel = Channel.CreateBounded<MailEvent>(new BoundedChannelOptions(capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
        _metrics = makeMetrics(this);
    }

    /// <summary>Events that wait.</summary>
    public int Count => _channel.Reader.Count;

    /// <summary>Counts what happens to them.</summary>
    public EventMetrics Metrics => _metrics;

    /// <summary>Adds one, or drops it.</summary>
    public void Add(MailEvent what)
    {
        if (!_channel.Writer.TryWrite(what))
            _metrics.Dropped(1);
    }

    /// <summary>Takes no more; what is in it is still read.</summary>
    public void Complete() => _channel.Writer.TryComplete();

    /// <summary>False where nothing more will come.</summary>
    public ValueTask<bool> WaitAsync() => _channel.Reader.WaitToReadAsync(CancellationToken.None);

    /// <summary>Takes what there is behind what is in the list, until it has so many.</summary>
    public void Take(List<MailEvent> batch, int most)
    {
        while (batch.Count < most && _channel.Reader.TryRead(out MailEvent? what))
            batch.Add(what);
    }
}
