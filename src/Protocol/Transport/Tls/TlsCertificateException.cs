namespace SlimtaFast.Protocol.Transport.Tls;

/// <summary>Files that hold no usable certificate; the message names the file.</summary>
public sealed class TlsCertificateException : IOException
{
    /// <summary>Made with a reason.</summary>
    public TlsCertificateException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Made with a reason.</summary>
    public TlsCertificateException(string message)
        : base(message)
    {
    }

    /// <summary>Made without a reason.</summary>
    public TlsCertificateException()
    {
    }
}
