using SlimtaFast.Mail;

namespace SlimtaFast.Events;

/// <summary>Hands each event to several sinks, none of which waits for another. Thread-safe.</summary>
public sealed class EventFan(IReadOnlyList<IMailEventSink> sinks) : IMailEventSink
{
    private readonly IMailEventSink[] _sinks = [.. sinks];

    /// <inheritdoc/>
    public void Note(MailEvent what)
    {
        foreach (IMailEventSink sink in _sinks)
            sink.Note(what);
    }
}
