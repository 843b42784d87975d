using System.Net;

namespace SlimtaFast.Mail;

/// <summary>Something that happened to mail, for whoever keeps books on it: one for each recipient that it is about. Immutable.</summary>
public sealed record MailEvent
{
    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>What.</summary>
    public required MailEventKind Kind { get; init; }

    /// <summary>The message, or none where it had no name yet.</summary>
    public QueueId Id { get; init; }

    /// <summary>The session in which it came, or none where that is not known any more.</summary>
    public SessionId Session { get; init; }

    /// <summary>The reverse-path, or null where the client had not told it.</summary>
    public Mailbox? Sender { get; init; }

    /// <summary>For whom, or null where it is about none in particular.</summary>
    public Mailbox? Recipient { get; init; }

    /// <summary>Where the message was to go, or null.</summary>
    public string? NextHop { get; init; }

    /// <summary>Who gave the answer there, or null.</summary>
    public string? RemoteName { get; init; }

    /// <summary>The answer: the next hop's, or for a refusal ours.</summary>
    public SmtpReply Reply { get; init; }

    /// <summary>Which attempt it was, from 1; 0 where there was none.</summary>
    public int Attempt { get; init; }

    /// <summary>The client that handed it over, or null where unknown.</summary>
    public IPAddress? Client { get; init; }

    /// <summary>Why, in a word, where there is one; null else.</summary>
    public string? Reason { get; init; }

    /// <summary>The operator who asked for it, or null where none did.</summary>
    public string? By { get; init; }
}
