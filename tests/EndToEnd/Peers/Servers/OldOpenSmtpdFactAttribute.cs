using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Peers.Servers;

/// <summary>A long test with an OpenSMTPD before release 7, whose TLS as a server fails with OpenSSL 3 (its issue 1171).</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OldOpenSmtpdFactAttribute : FactAttribute
{
    /// <summary>Looks what is there.</summary>
    public OldOpenSmtpdFactAttribute()
    {
        Skip = new LongFactAttribute(OpenSmtpdProgram.Packaged, "unshare", "openssl") { Mounts = true }.Skip;
        if (Skip is null && !OpenSmtpdProgram.IsBeforeSeven)
            Skip = "the distribution's OpenSMTPD is 7 or newer, whose TLS works";
    }
}
