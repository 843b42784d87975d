using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace SlimtaFast.Protocol.Transport.Tls;

/// <summary>The decoder and encoder of one connection, with what the check of its peer brought.</summary>
internal sealed class TlsStream(Stream records) : SslStream(records, leaveInnerStreamOpen: true)
{
    /// <summary>True where the peer's certificate was checked and found good.</summary>
    public bool IsPeerVerified { get; private set; }

    /// <summary>What the check found, for people; null where it found nothing.</summary>
    public string? Objection { get; private set; }

    /// <summary>Notes the result of the check, and returns it.</summary>
    public bool NotePeer(bool isVerified, SslPolicyErrors errors = SslPolicyErrors.None, X509Chain? chain = null)
    {
        IsPeerVerified = isVerified;
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            Objection = "the peer showed no certificate";
        else if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            Objection = "the certificate is for another name";
        else if (errors != SslPolicyErrors.None)
            Objection = chain is { ChainStatus: [var first, ..] } ? $"the certificate cannot be verified ({first.Status})" : "the certificate cannot be verified";
        return isVerified;
    }
}
