namespace SlimtaFast.Mail;

/// <summary>Takes events from the threads that mail is served on. Thread-safe.</summary>
public interface IMailEventSink
{
    /// <summary>Takes one. It neither blocks nor fails: what it cannot keep it drops, and counts.</summary>
    void Note(MailEvent what);
}
