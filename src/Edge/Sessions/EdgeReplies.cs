using SlimtaFast.Mail;
using SlimtaFast.Storage;

namespace SlimtaFast.Edge.Sessions;

/// <summary>What an edge itself answers.</summary>
internal static class EdgeReplies
{
    /// <summary>The client may not send to this domain.</summary>
    public static readonly SmtpReply RelayDenied = new(550, "5.7.1", "Relaying denied");

    /// <summary>Too many failed authentications came from the client's address.</summary>
    public static readonly SmtpReply TooManyFailures = new(421, "4.7.0", "Too many failed authentications from your address, try again later");

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
}
