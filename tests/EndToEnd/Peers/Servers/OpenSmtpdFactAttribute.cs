using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Peers.Servers;

/// <summary>A long test with OpenSMTPD that needs its TLS as a server to work, or not to work.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OpenSmtpdFactAttribute : FactAttribute
{
    /// <summary>Takes whether TLS has to work; with OpenSSL 3 it does not in releases before 7 (OpenSMTPD's issue 1171).</summary>
    public OpenSmtpdFactAttribute(bool tlsWorks)
    {
        Skip = new LongFactAttribute(OpenSmtpdProgram.Program, "unshare", "openssl") { Mounts = true }.Skip;
        if (Skip is null && OpenSmtpdProgram.IsBeforeSeven == tlsWorks)
            Skip = tlsWorks ? "this OpenSMTPD is older than 7, whose TLS as a server fails with OpenSSL 3" : "this OpenSMTPD is 7 or newer, whose TLS works";
    }
}
