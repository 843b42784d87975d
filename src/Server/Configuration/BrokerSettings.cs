using System.Security.Cryptography.X509Certificates;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.Queue.RabbitMq;

namespace SlimtaFast.Server.Configuration;

/// <summary>The broker that is used, and where contents go that are too large for it. Immutable.</summary>
/// <param name="Options">Where the broker is and who asks, still without a store for contents and a certificate.</param>
/// <param name="Contents">Where larger contents are kept; null for nowhere.</param>
/// <param name="Certificate">The files of our own certificate for a broker that asks; null for none.</param>
internal sealed record BrokerSettings(RabbitMqOptions Options, ContentsAddress? Contents, TlsCertificateFiles? Certificate)
{
    /// <summary>The options for a command that asks the broker something once.</summary>
    /// <exception cref="TlsCertificateException">The certificate cannot be read any more.</exception>
    public RabbitMqOptions ForOnce()
    {
        if (Certificate is null)
            return Options;
        using var files = new TlsCertificates([Certificate], TimeProvider.System, Timeout.InfiniteTimeSpan);
        X509Certificate2 own = files.Current[0];
        return Options with { Certificate = () => own };
    }
}
