using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RabbitMQ.Client;

namespace SlimtaFast.Queue.RabbitMq.Connections;

/// <summary>How TLS is spoken to a node: its certificate must name it, and come from whom the options or the system trust.</summary>
internal static class BrokerTls
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>What the client goes by for a node.</summary>
    public static SslOption Make(RabbitMqOptions options, string host)
    {
        var tls = new SslOption { Enabled = options.Tls, ServerName = host };
        if (options.Authorities is { } authorities)
            tls.CertificateValidationCallback = (_, certificate, chain, errors) => IsIssuedBy(authorities, certificate, chain, errors);
        if (options.Certificate?.Invoke() is { } own)
            tls.Certs = [own];
        return tls;
    }

    private static bool IsIssuedBy(X509Certificate2Collection authorities, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 leaf || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
            return false;
        using var trusted = new X509Chain();
        trusted.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        trusted.ChainPolicy.CustomTrustStore.AddRange(authorities);
        trusted.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        trusted.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        trusted.ChainPolicy.DisableCertificateDownloads = true;

        // What the broker sent along, between itself and whom it has it from.
        if (chain is not null)
            trusted.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        return trusted.Build(leaf);
    }
}
