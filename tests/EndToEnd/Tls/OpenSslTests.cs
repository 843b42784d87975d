using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;
using SlimtaFast.TestKit.Tls;

namespace SlimtaFast.EndToEnd.Tests.Tls;

/// <summary>The running server and OpenSSL's own client.</summary>
public sealed class OpenSslTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TestCertificates _authority = new();
    private readonly TemporaryFolder _folder = new();

    [FullFact("openssl")]
    public async Task Starttls_and_implicit_tls_by_both_versions()
    {
        await using RunningProgram server = await StartAsync();
        (int starttls, int implicitTls) = await PortsAsync(server);
        foreach (string version in new[] { "-tls1_2", "-tls1_3" })
        {
            foreach (string[] way in new[] { new[] { "-connect", $"127.0.0.1:{starttls}", "-starttls", "smtp" }, ["-connect", $"127.0.0.1:{implicitTls}"] })
            {
                (int code, string output) = await ConnectAsync([.. way, version, "-servername", "mx.example", "-verify_return_error", "-CAfile", _folder["ca.pem"]]);
                Assert.True(code == 0, output);
                Assert.Contains("250 HELP", output, StringComparison.Ordinal);
                Assert.DoesNotContain("250-STARTTLS", output, StringComparison.Ordinal);
                Assert.Contains("221 2.0.0", output, StringComparison.Ordinal);
            }
        }
    }

    [FullFact("openssl")]
    public async Task Old_versions_and_foreign_protocols_are_refused()
    {
        await using RunningProgram server = await StartAsync();
        (_, int port) = await PortsAsync(server);
        foreach (string[] wish in new[] { new[] { "-tls1_1", "-cipher", "ALL:@SECLEVEL=0" }, ["-alpn", "http/1.1"] })
        {
            (int code, string output) = await ConnectAsync(["-connect", $"127.0.0.1:{port}", .. wish]);
            Assert.NotEqual(0, code);
            Assert.DoesNotContain("220 ", output, StringComparison.Ordinal);
        }
    }

    [FullFact("openssl")]
    public async Task Renegotiation_is_refused_and_sessions_are_resumed()
    {
        await using RunningProgram server = await StartAsync();
        (_, int port) = await PortsAsync(server);
        (_, string output) = await RunningProgram.RunAsync("openssl", ["s_client", "-connect", $"127.0.0.1:{port}", "-tls1_2"], "R\nQUIT\r\n");
        Assert.Contains("RENEGOTIATING", output, StringComparison.Ordinal);
        Assert.DoesNotContain("221 2.0.0", output, StringComparison.Ordinal);

        string session = _folder["session"];
        await ConnectAsync(["-connect", $"127.0.0.1:{port}", "-tls1_2", "-sess_out", session]);
        (_, output) = await ConnectAsync(["-connect", $"127.0.0.1:{port}", "-tls1_2", "-sess_in", session]);
        Assert.Contains("Reused, TLSv1.2", output, StringComparison.Ordinal);
    }

    [FullFact("openssl")]
    public async Task Wish_chooses_the_certificate_and_a_new_file_takes_its_place()
    {
        await using RunningProgram server = await StartAsync();
        (int port, _) = await PortsAsync(server);
        Assert.Contains("CN = mx.example", await SubjectAsync(port, "mx.example"), StringComparison.Ordinal);
        Assert.Contains("CN = other.example", await SubjectAsync(port, "other.example"), StringComparison.Ordinal);
        Assert.Contains("CN = mx.example", await SubjectAsync(port, "nobody.example"), StringComparison.Ordinal);

        using X509Certificate2 next = _authority.Issue("next.example", "mx.example");
        TestCertificates.WritePem(next, _folder["mx.pem"]);
        await server.WaitForLineAsync(line => line.Contains("Certificates reloaded", StringComparison.Ordinal), Limit);
        Assert.Contains("CN = next.example", await SubjectAsync(port, "mx.example"), StringComparison.Ordinal);
        server.Signal(PosixSignal.SIGTERM);
        Assert.Equal(0, await server.WaitForExitAsync(Limit));
    }

    [FullFact("/usr/bin/python3")]
    public async Task Message_goes_under_tls_from_smtplib_over_one_server_to_another()
    {
        await using RunningProgram second = await StartAsync("--relay", "blackhole:");
        (int next, _) = await PortsAsync(second);
        using var folder = new TemporaryFolder();
        await using RunningProgram first = RunningProgram.Start(
            SlimtafastProgram.Path,
            ["serve", "--listen", "127.0.0.1:0", "--storage", $"disk:{folder["spool"]}", "--tls-cert", _folder["mx.pem"], "--relay", $"smtp://localhost:{next}"],
            environment: new Dictionary<string, string> { ["SLIMTAFAST__Delivery__Tls"] = "verified", ["SLIMTAFAST__Delivery__TlsAuthorities"] = _folder["ca.pem"] });
        string line = await first.WaitForLineAsync(l => l.StartsWith("listening on ", StringComparison.Ordinal), Limit);
        await File.WriteAllTextAsync(
            folder["send.py"],
            """
            import smtplib, ssl, sys
            with smtplib.SMTP("localhost", int(sys.argv[1])) as s:
                s.starttls(context=ssl.create_default_context(cafile=sys.argv[2]))
                assert s.sendmail("a@client.test", ["b@hop.test"], "Subject: x\n\nunder TLS\n") == {}
            """);
        (int code, string output) = await RunningProgram.RunAsync("/usr/bin/python3", [folder["send.py"], line.Trim().Split(':')[^1], _folder["ca.pem"]]);
        Assert.True(code == 0, output);
        string attempt = await first.WaitForLineAsync(l => l.Contains(" delivered", StringComparison.Ordinal), Limit);
        Assert.Contains("TLS TLSv1.3", attempt, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    private static Task<(int ExitCode, string Output)> ConnectAsync(IEnumerable<string> arguments) =>
        RunningProgram.RunAsync("openssl", ["s_client", "-crlf", .. arguments, "-ign_eof"], "EHLO client.example\nQUIT\n");

    private static async Task<string> SubjectAsync(int port, string name)
    {
        (_, string output) = await ConnectAsync(["-connect", $"127.0.0.1:{port}", "-starttls", "smtp", "-servername", name]);
        return output.Split('\n').First(line => line.StartsWith("subject=", StringComparison.Ordinal));
    }

    private static async Task<(int StartTls, int Implicit)> PortsAsync(RunningProgram server)
    {
        string first = await server.WaitForLineAsync(IsListening, Limit);
        string second = await server.WaitForLineAsync(line => IsListening(line) && line != first, Limit);
        return (Port(first), Port(second));

        static bool IsListening(string line) => line.StartsWith("listening on ", StringComparison.Ordinal);
        static int Port(string line) => IPEndPoint.Parse(line["listening on ".Length..].Trim()).Port;
    }

    private Task<RunningProgram> StartAsync(params string[] options)
    {
        using X509Certificate2 first = _authority.Issue("mx.example", "localhost"), other = _authority.Issue("other.example");
        TestCertificates.WritePem(first, _folder["mx.pem"]);
        TestCertificates.WritePem(other, _folder["other.pem"]);
        File.WriteAllText(_folder["ca.pem"], _authority.AuthorityPem);
        return Task.FromResult(RunningProgram.Start(
            SlimtafastProgram.Path,
            ["serve", "--listen", "127.0.0.1:0", "--listen", "smtps://127.0.0.1:0", "--storage", "memory:", "--tls-cert", _folder["mx.pem"], "--tls-cert", _folder["other.pem"], .. options],
            environment: new Dictionary<string, string> { ["SLIMTAFAST__Tls__ReloadInterval"] = "200ms" }));
    }
}
