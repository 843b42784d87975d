namespace SlimtaFast.Protocol;

/// <summary>Why a server session ended; in logs and metrics.</summary>
public enum SessionEndReason
{
    /// <summary>QUIT.</summary>
    Quit,

    /// <summary>The client closed or reset the connection.</summary>
    ClientGone,

    /// <summary>A deadline passed: for a command or for a block of content.</summary>
    Timeout,

    /// <summary>The whole session took longer than it may.</summary>
    SessionTooLong,

    /// <summary>The client sent slower than it must.</summary>
    TooSlow,

    /// <summary>Too many errors, refusals or useless commands.</summary>
    TooManyErrors,

    /// <summary>Too many failed authentications, in this session or as the handler counts them.</summary>
    AuthenticationFailures,

    /// <summary>More commands than one connection may send.</summary>
    TooManyCommands,

    /// <summary>As many messages as one session may bring, and then another MAIL.</summary>
    TooManyMessages,

    /// <summary>A line or a discarded content beyond every bound.</summary>
    TooLong,

    /// <summary>Another protocol's first words on our port.</summary>
    WrongProtocol,

    /// <summary>
    /// The client sent content before it was asked for, or a chunk without a size: nobody knows any more what is a command. Or it sent more
    /// where it must wait for a reply, and that is refused.
    /// </summary>
    OutOfStep,

    /// <summary>The client spoke before the greeting where that is refused.</summary>
    TalkedTooEarly,

    /// <summary>A PROXY header from a client that is no trusted proxy, or where none is expected.</summary>
    UntrustedProxy,

    /// <summary>The content broke the rules for line ends in a way that ends a session.</summary>
    BadLineEnd,

    /// <summary>Something came in clear together with STARTTLS, which somebody in between may have put there.</summary>
    InputBehindStartTls,

    /// <summary>A TLS handshake failed, or did not end in time.</summary>
    TlsFailed,

    /// <summary>A handler answered 221 or 421.</summary>
    Refused,

    /// <summary>A handler had the connection dropped without a word.</summary>
    Dropped,

    /// <summary>The server is stopping.</summary>
    Shutdown,

    /// <summary>The handler or the engine failed.</summary>
    Fault,
}
