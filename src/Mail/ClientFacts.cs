using System.Net;

namespace SlimtaFast.Mail;

/// <summary>What the edge knew of the client that handed a message over. Shared by all messages of a session. Immutable.</summary>
public sealed record ClientFacts
{
    /// <summary>The client's address; behind a trusted proxy, the address that the proxy gave. Null for mail made inside.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>What the client called itself in HELO, EHLO or LHLO; empty where it did not.</summary>
    public string HelloName { get; init; } = "";

    /// <summary>The client's host name from the reverse DNS, forward-confirmed; null where unknown or not looked up.</summary>
    public string? HostName { get; init; }

    /// <summary>The protocol as RFC 3848 registers it: SMTP, ESMTP, ESMTPS, ESMTPA, ESMTPSA, LMTP, HTTP...</summary>
    public string Protocol { get; init; } = "SMTP";

    /// <summary>Who authenticated, or null.</summary>
    public string? Identity { get; init; }

    /// <summary>The TLS version and cipher suite of the session in a form for people, or null where it was in clear.</summary>
    public string? Tls { get; init; }

    /// <summary>The session in which it handed the message over. It is not stored: none for a message that was read back.</summary>
    public SessionId Session { get; init; }

    /// <summary>
    /// The trace that the message belongs to, as a W3C <c>traceparent</c>, where one is made of it; then the facts are one message's own. It is stored
    /// with the message, so that attempts belong to it after a restart, too, and in whichever process they are made; a text that is none is not.
    /// </summary>
    public string? TraceParent { get; init; }

    /// <summary>The name by which the receiving server presented itself.</summary>
    public string ServerName { get; init; } = "";
}
