namespace SlimtaFast.Protocol.Transport.Tls;

/// <summary>Whether a TLS server wants its clients to show certificates.</summary>
public enum ClientCertificateMode
{
    /// <summary>It asks for none.</summary>
    None,

    /// <summary>It asks; a client without one, or with one that cannot be verified, is let in all the same.</summary>
    Ask,

    /// <summary>The handshake fails where the client shows none that can be verified.</summary>
    Require,
}
