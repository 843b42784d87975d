using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using SlimtaFast.TestKit.Load;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tls;

namespace SlimtaFast.EndToEnd.Tests.Peers;

/// <summary>
/// Our server as a submission host: STARTTLS on one port and TLS from the start on another, one user with a password and a token, every
/// message kept on disk and handed on to a hop that records it. Nobody may send anywhere without AUTH, not even from loopback.
/// </summary>
internal sealed class PeerServer : IAsyncDisposable
{
    public const string User = "alice";
    public const string Password = "correct-horse-7";

    /// <summary>The name in our certificate, by which clients connect.</summary>
    public const string Host = "localhost";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly RecordingSink _hop = new();
    private RunningProgram _program = null!;

    private PeerServer()
    {
    }

    public TemporaryFolder Folder { get; } = new();

    /// <summary>Who issues the certificates, ours and the peers'.</summary>
    public TestCertificates Authority { get; } = new();

    public string AuthorityFile => Folder["ca.pem"];

    public string MessageFile => Folder["message"];

    public string Token { get; private set; } = "";

    public int StartTlsPort { get; private set; }

    public int ImplicitTlsPort { get; private set; }

    /// <summary>How many messages the hop has got that no assertion asked for.</summary>
    public int Unexpected => _hop.Waiting;

    public static async Task<PeerServer> StartAsync()
    {
        var server = new PeerServer();
        try
        {
            await server.RunAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The message must arrive at the hop octet for octet, from an authenticated client under TLS; returns the fields in front.</summary>
    public async Task<string> AssertArrivesAsync(string recipient, int received, string context = "")
    {
        (IReadOnlyList<string> recipients, byte[] content) = await _hop.TakeAsync(Limit)
            ?? throw new TimeoutException($"Nothing arrived at the hop. {context}\n{_program.Output}");
        Assert.Equal([recipient], recipients);
        string front = PeerMessage.AssertArrived(content, received);
        Assert.Contains("with ESMTPSA", front, StringComparison.Ordinal);
        return front;
    }

    /// <summary>Stops as an operator would.</summary>
    public async Task AssertStopsAsync() => Assert.Equal(0, await _program.StopAsync());

    public async ValueTask DisposeAsync()
    {
        if (_program is not null)
            await _program.DisposeAsync();
        await _hop.DisposeAsync();
        Authority.Dispose();
        Folder.Dispose();
    }

    private async Task RunAsync()
    {
        using X509Certificate2 own = Authority.Issue(Host, "127.0.0.1");
        TestCertificates.WritePem(own, Folder["own.pem"]);
        await File.WriteAllTextAsync(AuthorityFile, Authority.AuthorityPem);
        await File.WriteAllBytesAsync(MessageFile, PeerMessage.Octets);
        Token = PeerToken.Issue(User, Folder["keys.json"]);
        (int code, string output) = await RunningProgram.RunAsync(SlimtafastProgram.Path, ["user", "add", User, "--users", Folder["users"]], Password);
        Assert.True(code == 0, output);
        await File.WriteAllTextAsync(Folder["serve.json"], JsonSerializer.Serialize(new
        {
            Listen = new[] { "127.0.0.1:0", "smtps://127.0.0.1:0" },
            Storage = $"disk:{Folder["spool"]}",
            Relay = $"smtp://127.0.0.1:{_hop.Port}",
            Trust = "192.0.2.0/24",
            Tls = new { Certificate = new[] { Folder["own.pem"] } },
            Auth = new
            {
                Users = Folder["users"],
                FailureDelay = "1ms",
                MaxFailuresPerAddress = 0,
                MaxFailuresPerAccount = 0,
                Jwt = new { Keys = Folder["keys.json"], PeerToken.Issuer, Audience = new[] { PeerToken.Audience } },
            },
        }));
        _program = RunningProgram.Start(SlimtafastProgram.Path, ["serve", "--config", Folder["serve.json"]]);
        string first = await _program.WaitForLineAsync(IsListening, Limit);
        string second = await _program.WaitForLineAsync(line => IsListening(line) && line != first, Limit);
        (StartTlsPort, ImplicitTlsPort) = (Port(first), Port(second));

        static bool IsListening(string line) => line.StartsWith("listening on ", StringComparison.Ordinal);
        static int Port(string line) => IPEndPoint.Parse(line["listening on ".Length..].Trim()).Port;
    }
}
