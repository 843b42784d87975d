namespace SlimtaFast.Protocol;

/// <summary>
/// Why a connection, a command, a recipient or a message was refused; in logs and metrics. docs/limits.md says of each what a client
/// or an operator can do. The first group is the dialogue's own, the others are an edge's.
/// </summary>
public enum RefusalReason
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>No such command, or one that is not offered.</summary>
    UnknownCommand,

    /// <summary>A command, parameter or address that does not follow the grammar.</summary>
    BadSyntax,

    /// <summary>A command at the wrong time.</summary>
    BadSequence,

    /// <summary>A command line that is too long.</summary>
    LineTooLong,

    /// <summary>A CR or LF that is not part of CRLF.</summary>
    BareLineEnd,

    /// <summary>A content with a NUL octet.</summary>
    NulInContent,

    /// <summary>A content with a line of more than 998 octets.</summary>
    LongLine,

    /// <summary>A message larger than is taken, as announced by SIZE or as received.</summary>
    TooBig,

    /// <summary>More recipients in one message than are taken.</summary>
    TooManyRecipients,

    /// <summary>Recipients of more domains in one message than are taken.</summary>
    TooManyDomains,

    /// <summary>The content was sent before it was asked for.</summary>
    ContentTooEarly,

    /// <summary>More protocol errors, useless commands or refusals than one session may have.</summary>
    TooManyErrors,

    /// <summary>More commands than one connection may send.</summary>
    TooManyCommands,

    /// <summary>More messages than one connection may send.</summary>
    TooManyMessages,

    /// <summary>The client may not send to this domain.</summary>
    RelayDenied,

    /// <summary>All connections that are served at once are taken.</summary>
    TooManyConnections,

    /// <summary>All connections that one client may have at once are taken.</summary>
    TooManyConnectionsFromClient,

    /// <summary>The client connected too often.</summary>
    ConnectionRate,

    /// <summary>A proxy that must send a header of the PROXY protocol sent something else, or nothing in time.</summary>
    ProxyHeaderMissing,

    /// <summary>A proxy's header is malformed.</summary>
    ProxyHeaderMalformed,

    /// <summary>A proxy began a header and did not end it in time.</summary>
    ProxyHeaderIncomplete,

    /// <summary>The client must authenticate, or use TLS, before it may send.</summary>
    NotProtected,

    /// <summary>The client could not authenticate.</summary>
    NotAuthenticated,

    /// <summary>The client sent too many messages.</summary>
    MessageRate,

    /// <summary>The client named too many recipients.</summary>
    RecipientRate,

    /// <summary>Memory is short.</summary>
    MemoryShort,

    /// <summary>Disk space is short.</summary>
    DiskShort,

    /// <summary>The queue is full.</summary>
    QueueShort,

    /// <summary>The storage had no room for a message.</summary>
    StorageFull,

    /// <summary>The storage failed, or could not be reached.</summary>
    StorageUnavailable,

    /// <summary>The queue, or the next hop behind it, did not take a message.</summary>
    QueueRefused,

    /// <summary>The server is stopping.</summary>
    Stopping,

    /// <summary>An embedder's hook.</summary>
    Hook,

    /// <summary>The client talked before it was greeted.</summary>
    EarlyTalker,

    /// <summary>The client's address has no name in the reverse DNS.</summary>
    ReverseNameMissing,

    /// <summary>The name in the reverse DNS does not lead back to the client's address.</summary>
    ReverseNameUnconfirmed,

    /// <summary>A list in the DNS names the client.</summary>
    BlockList,

    /// <summary>The client's hello is not a host name, or an address that is not its own.</summary>
    HelloSyntax,

    /// <summary>The client's hello is this server's own name or address.</summary>
    HelloOwnName,

    /// <summary>The client's hello does not exist in the DNS.</summary>
    HelloUnresolvable,

    /// <summary>A list of senders.</summary>
    SenderList,

    /// <summary>A list of recipients.</summary>
    RecipientList,

    /// <summary>The sender's domain does not let the client use its name (SPF).</summary>
    Spf,

    /// <summary>The client was told to come back later.</summary>
    Greylisted,
}
