using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;
using SlimtaFast.TestKit.Tls;

namespace SlimtaFast.EndToEnd.Tests.Peers.Servers;

/// <summary>OpenSMTPD out of its unpacked package, or built from source.</summary>
/// <param name="program">One of the two places.</param>
internal sealed class OpenSmtpdProgram(string program) : PeerProgram
{
    /// <summary>Where <c>tests/peers</c> unpacks the distribution's.</summary>
    public const string Packaged = "artifacts/peers/opensmtpd/usr/sbin/smtpd";

    /// <summary>Where <c>tests/peers</c> builds release 7, whose TLS works as a server with OpenSSL 3 too.</summary>
    public const string Built = "artifacts/peers/opensmtpd-7/usr/sbin/smtpd";

    private const string Empty = "/var/lib/opensmtpd/empty";

    /// <summary>Whether the distribution's is a release before 7.</summary>
    public static bool IsBeforeSeven => File.ReadAllBytes(RepositoryTree.Find(Packaged)).AsSpan().IndexOf("OpenSMTPD 6."u8) >= 0;

    /// <summary>Offers STARTTLS but takes mail for <c>clear.test</c> in clear too, without AUTH.</summary>
    public int OptionalTlsPort { get; } = RunningProgram.FreePort();

    protected override async Task<RunningProgram> RunAsync(PeerServer server)
    {
        foreach (string name in new[] { "lib/opensmtpd/empty", "spool/smtpd", "run", "certs" })
            Directory.CreateDirectory(Folder[name]);
        // With keys of elliptic curves it never worked but with LibreSSL.
        using X509Certificate2 certificate = server.Authority.IssueRsa(PeerServer.Host);
        TestCertificates.WritePem(certificate, Folder["own.pem"]);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Folder["own.pem"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.SetUnixFileMode(Folder["spool/smtpd"], (UnixFileMode)0b111_001_001);
        }

        // Hops are verified with this file, wherever the configuration is.
        File.Copy(server.AuthorityFile, Folder["certs/ca-certificates.crt"]);
        (int code, string hash) = await RunningProgram.RunAsync("openssl", ["passwd", "-6", PeerServer.Password]);
        Assert.True(code == 0, hash);
        await File.WriteAllTextAsync(Folder["smtpd.conf"], Configuration(server, hash.Trim()));
        IReadOnlyList<(string, string)> users = await PrivateView.WriteUsersAsync(Folder, ("opensmtpd", 64502, Empty), ("opensmtpq", 64503, Empty));
        string programs = Path.Combine(Path.GetDirectoryName(RepositoryTree.Find(program))!, "../libexec");
        return PrivateView.Start(
            [.. users, (Folder["lib"], "/var/lib"), (Folder["spool"], "/var/spool"), (Folder["run"], "/run"), (Folder["certs"], "/etc/ssl/certs"), (programs, "/usr/libexec")],
            RepositoryTree.Find(program), "-d", "-v", "-f", Folder["smtpd.conf"]);
    }

    private string Configuration(PeerServer server, string hash) => string.Create(CultureInfo.InvariantCulture, $$"""
        pki {{PeerServer.Host}} cert "{{Folder["own.pem"]}}"
        pki {{PeerServer.Host}} key "{{Folder["own.pem"]}}"
        table users { {{PeerServer.User}} = "{{hash}}" }
        table secrets { ours = "{{PeerServer.User}}:{{PeerServer.Password}}" }
        table boxes { "@" = nobody }
        listen on 127.0.0.1 port {{StartTlsPort}} tls-require pki {{PeerServer.Host}} auth <users>
        listen on 127.0.0.1 port {{ImplicitTlsPort}} smtps pki {{PeerServer.Host}} auth <users>
        listen on 127.0.0.1 port {{IntakePort}}
        listen on 127.0.0.1 port {{OptionalTlsPort}} tls pki {{PeerServer.Host}}
        action box maildir "{{Folder["mail"]}}" virtual <boxes>
        action starttls relay host smtp+tls://ours@{{PeerServer.Host}}:{{server.StartTlsPort}} auth <secrets>
        action implicit relay host smtps://ours@{{PeerServer.Host}}:{{server.ImplicitTlsPort}} auth <secrets>
        match auth from any for domain hop.test action box
        match from any for domain clear.test action box
        match from any for domain far.test action starttls
        match from any for domain implicit.test action implicit

        """);
}
