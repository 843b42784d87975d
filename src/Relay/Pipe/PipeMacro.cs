namespace SlimtaFast.Relay.Pipe;

/// <summary>What an argument can name of a message and its envelope.</summary>
internal enum PipeMacro : byte
{
    /// <summary>Nothing: a literal part.</summary>
    None,

    /// <summary>The reverse-path.</summary>
    Sender,

    /// <summary>What stands before its at sign.</summary>
    SenderLocal,

    /// <summary>Its domain.</summary>
    SenderDomain,

    /// <summary>The forward-path.</summary>
    Recipient,

    /// <summary>What stands before its at sign.</summary>
    RecipientLocal,

    /// <summary>Its domain.</summary>
    RecipientDomain,

    /// <summary>The item's name in the queue.</summary>
    QueueId,

    /// <summary>Octets of added header fields and content.</summary>
    Size,

    /// <summary>The client's address.</summary>
    ClientAddress,

    /// <summary>The client's confirmed host name.</summary>
    ClientHost,

    /// <summary>What the client called itself.</summary>
    ClientHello,

    /// <summary>The protocol by which it came.</summary>
    ClientProtocol,

    /// <summary>Who authenticated.</summary>
    ClientUser,

    /// <summary>TLS version and cipher suite of the client's session.</summary>
    ClientTls,

    /// <summary>The name by which the receiving server presented itself.</summary>
    Server,
}
