namespace SlimtaFast.Protocol;

/// <summary>Where in its dialogue a client session stands or stood.</summary>
public enum SmtpClientStage
{
    /// <summary>Nothing was sent: the session itself decided.</summary>
    Local,

    /// <summary>Waiting for the greeting.</summary>
    Greeting,

    /// <summary>EHLO, HELO or LHLO.</summary>
    Hello,

    /// <summary>AUTH.</summary>
    Authentication,

    /// <summary>STARTTLS and the TLS handshake.</summary>
    Tls,

    /// <summary>RSET or MAIL.</summary>
    Mail,

    /// <summary>RCPT.</summary>
    Recipient,

    /// <summary>DATA.</summary>
    Data,

    /// <summary>Sending the content.</summary>
    Content,

    /// <summary>The content has left; waiting for the answer to it.</summary>
    Final,
}
