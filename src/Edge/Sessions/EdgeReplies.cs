using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Storage;

namespace SlimtaFast.Edge.Sessions;

/// <summary>What an edge itself answers.</summary>
internal static class EdgeReplies
{
    /// <summary>The client may not send to this domain.</summary>
    public static readonly SmtpReply RelayDenied = new(550, "5.7.1", "Relaying denied");

    /// <summary>Too many failed authentications came from the client's address.</summary>
    public static readonly SmtpReply TooManyFailures = new(421, "4.7.0", "Too many failed authentications from your address, try again later");

    /// <summary>Too many authentications as the same user have failed; the same whether there is such a user.</summary>
    public static readonly SmtpReply TooManyFailuresOfAccount = new(454, "4.7.0", "Too many failed authentications as this user, try again later");

    /// <summary>The client sent too much in a short time.</summary>
    public static readonly SmtpReply TooManyMessages = new(450, "4.7.1", "Too many messages from your address, try again later");

    /// <summary>The client named too many recipients in a short time.</summary>
    public static readonly SmtpReply TooManyRecipients = new(450, "4.7.1", "Too many recipients from your address, try again later");

    /// <summary>Memory, disk or queue is short.</summary>
    public static readonly SmtpReply ShortOfResources = new(452, "4.3.1", "Insufficient system resources, try again later");

    /// <summary>The medium fails or cannot be reached.</summary>
    public static readonly SmtpReply StorageUnavailable = new(451, "4.3.0", "Cannot store the message now, try again later");

    /// <summary>No room for the message.</summary>
    public static readonly SmtpReply StorageFull = new(452, "4.3.1", "Insufficient system storage, try again later");

    /// <summary>The server is going down.</summary>
    public static readonly SmtpReply Stopping = new(421, "4.3.2", "Service is shutting down");

    /// <summary>The message is taken with the priority of any other (RFC 6710 section 4.1, with the code of section 7).</summary>
    public static readonly SmtpReply PriorityLowered = new(250, "2.3.6", "0 is the new priority assigned to the message");

    /// <summary>The reply to a message that could not be stored: never positive, and true about whose fault it is.</summary>
    public static SmtpReply ForFailure(Exception failure) => failure switch
    {
        StorageException { Failure: StorageFailure.Full } => StorageFull,
        StorageException { Failure: StorageFailure.Stopping } => Stopping,
        _ => StorageUnavailable,
    };

    /// <summary>Why a queue refused a message, as its reply tells.</summary>
    public static RefusalReason ReasonOf(SmtpReply reply) => reply.Code switch
    {
        421 => RefusalReason.Stopping,
        452 => RefusalReason.StorageFull,
        >= 500 => RefusalReason.QueueRefused,
        _ => RefusalReason.StorageUnavailable,
    };

    /// <summary>What a client is told whose connection is not served, with its CRLF.</summary>
    public static ReadOnlySpan<byte> ForConnection(RefusalReason reason) => reason switch
    {
        RefusalReason.TooManyConnections => "421 4.3.2 Too many connections, try again later\r\n"u8,
        RefusalReason.TooManyConnectionsFromClient => "421 4.7.0 Too many connections from your address, try again later\r\n"u8,
        RefusalReason.ConnectionRate => "421 4.7.0 Connecting too often from your address, try again later\r\n"u8,
        RefusalReason.MemoryShort => "421 4.3.2 Insufficient system resources, try again later\r\n"u8,
        _ => "421 4.3.2 Service is shutting down\r\n"u8,
    };
}
