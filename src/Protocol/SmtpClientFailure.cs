namespace SlimtaFast.Protocol;

/// <summary>Why a client session cannot go on.</summary>
public enum SmtpClientFailure
{
    /// <summary>It can.</summary>
    None,

    /// <summary>The connection was closed or reset.</summary>
    ConnectionLost,

    /// <summary>The server did not answer, or did not take the content, in time.</summary>
    Timeout,

    /// <summary>The server sent something that is not a reply, or a reply that nothing asked for.</summary>
    ProtocolError,

    /// <summary>TLS was wanted and the server does not offer it, or refused STARTTLS.</summary>
    TlsUnavailable,

    /// <summary>The TLS handshake failed.</summary>
    TlsFailed,

    /// <summary>The content could not be read from its medium, or is not what its traits say.</summary>
    ContentUnavailable,
}
