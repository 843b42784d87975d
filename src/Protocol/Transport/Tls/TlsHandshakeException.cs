namespace SlimtaFast.Protocol.Transport.Tls;

/// <summary>A TLS handshake failed: no common version or cipher, a certificate that was refused, or octets that are not TLS. The connection is of no more use.</summary>
public sealed class TlsHandshakeException : IOException
{
    /// <summary>Made with a reason.</summary>
    public TlsHandshakeException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Made without a reason.</summary>
    public TlsHandshakeException()
    {
    }

    /// <summary>Made with a reason.</summary>
    public TlsHandshakeException(string message)
        : base(message)
    {
    }
}
