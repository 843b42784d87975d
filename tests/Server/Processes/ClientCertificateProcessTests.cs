using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tls;

namespace SlimtaFast.Server.Tests.Processes;

/// <summary>A next hop that lets in only whoever has a certificate of its authority.</summary>
public sealed class ClientCertificateProcessTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TestCertificates _authority = new();
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Mail_waits_while_the_relays_certificate_is_refused_and_goes_when_its_file_has_a_good_one()
    {
        await File.WriteAllTextAsync(_folder["ca.pem"], _authority.AuthorityPem);
        Write(_authority, "hop.test", "hop.pem");
        using (var stranger = new TestCertificates())
            Write(stranger, "relay.test", "relay.pem");
        (RunningProgram hop, IPEndPoint next) = await ServeAsync("hop.json", new
        {
            Relay = "blackhole:",
            Tls = new { Certificate = _folder["hop.pem"], Required = true, ClientCertificates = "Require", ClientAuthorities = _folder["ca.pem"] },
        });
        await using RunningProgram ownedHop = hop;
        (RunningProgram relay, IPEndPoint endPoint) = await ServeAsync("relay.json", new
        {
            Relay = $"smtp://{next}",
            Tls = new { ReloadInterval = "100ms" },
            Queue = new { HopRetryFirst = "1s", HopRetryMost = "1s" },
            Delivery = new { Tls = "Required", TlsCertificate = _folder["relay.pem"] },
        });
        await using RunningProgram ownedRelay = relay;

        (int code, string output) = await RunningProgram.RunAsync(
            SlimtafastProgram.Path, ["send", "--server", $"smtp://{endPoint}", "--from", "a@client.test", "--to", "b@far.test"], "Subject: x\n\nx\n");
        Assert.True(code == 0, output);
        await hop.WaitForLineAsync(line => line.Contains("TLS with ", StringComparison.Ordinal), Limit);

        Write(_authority, "relay.test", "relay.pem");
        await relay.WaitForLineAsync(line => line.Contains("Certificates reloaded", StringComparison.Ordinal), Limit);
        await relay.WaitForLineAsync(line => line.Contains(" delivered", StringComparison.Ordinal), Limit);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    private void Write(TestCertificates authority, string name, string file)
    {
        using X509Certificate2 certificate = authority.Issue(name);
        TestCertificates.WritePem(certificate, _folder[file + ".new"]);
        File.Move(_folder[file + ".new"], _folder[file], overwrite: true);
    }

    private async Task<(RunningProgram Program, IPEndPoint EndPoint)> ServeAsync(string file, object settings)
    {
        var all = JsonSerializer.SerializeToNode(settings)!.AsObject();
        all["Listen"] = "127.0.0.1:0";
        all["Storage"] = "memory:";
        await File.WriteAllTextAsync(_folder[file], all.ToJsonString());
        return await SlimtafastProgram.ListenAsync("serve", "--config", _folder[file]);
    }
}
