using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SlimtaFast.Protocol.Transport.Tls;

/// <summary>How peers' certificates are checked. Nothing is fetched meanwhile: a handshake runs on a reactor, which must not block.</summary>
internal static class ChainPolicies
{
    /// <summary>The certificate must be meant for servers.</summary>
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>The certificate must be meant for clients.</summary>
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>Checks against the given authorities, or against those whom the system trusts.</summary>
    public static X509ChainPolicy Make(X509Certificate2Collection? authorities, string purpose)
    {
        X509ChainPolicy policy = MakeOffline();
        policy.ApplicationPolicy.Add(new Oid(purpose));
        if (authorities is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(authorities);
        }

        return policy;
    }

    /// <summary>Checks nothing, as cheaply as possible: without a look at what the system trusts.</summary>
    public static X509ChainPolicy MakeUnchecked()
    {
        X509ChainPolicy policy = MakeOffline();
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.VerificationFlags = X509VerificationFlags.AllFlags;
        return policy;
    }

    private static X509ChainPolicy MakeOffline() => new()
    {
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };
}
