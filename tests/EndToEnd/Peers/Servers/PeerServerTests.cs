using System.Net;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Peers.Servers;

/// <summary>Other mail servers and ours hand mail to one another, both ways, under verified TLS of both kinds and with AUTH.</summary>
public sealed class PeerServerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [LongFact("/usr/lib/postfix/sbin/master", PostfixPeerProgram.UserProgram)]
    public async Task Postfix_relays_to_us_by_plain_login_and_scram()
    {
        foreach (string mechanism in new[] { "PLAIN", "LOGIN", "SCRAM-SHA-256" })
            await RelayToUsAsync(new PostfixPeerProgram(mechanism, "PLAIN"));
    }

    [LongFact("/usr/lib/postfix/sbin/master", PostfixPeerProgram.UserProgram)]
    public async Task Postfix_takes_mail_from_us_by_plain_login_and_scram()
    {
        foreach ((string offer, string strongest) in new[] { ("PLAIN", "PLAIN"), ("LOGIN", "LOGIN"), ("CRAM-MD5 PLAIN SCRAM-SHA-256", "SCRAM-SHA-256") })
        {
            string log = await RelayToPeerAsync(new PostfixPeerProgram("PLAIN", offer));
            Assert.Contains($"sasl_method={strongest}", log, StringComparison.Ordinal);
        }
    }

    [LongFact(EximProgram.Program, "unshare", Mounts = true)]
    public async Task Exim_relays_to_us_by_plain_and_login()
    {
        foreach (string mechanism in new[] { "PLAIN", "LOGIN" })
            await RelayToUsAsync(new EximProgram(mechanism));
    }

    [LongFact(EximProgram.Program, "unshare", Mounts = true)]
    public Task Exim_takes_mail_from_us() => RelayToPeerAsync(new EximProgram("PLAIN"));

    [LongFact(OpenSmtpdProgram.Packaged, "unshare", "openssl", Mounts = true)]
    public Task OpenSmtpd_of_the_distribution_relays_to_us() => RelayToUsAsync(new OpenSmtpdProgram(OpenSmtpdProgram.Packaged));

    [LongFact(OpenSmtpdProgram.Built, "unshare", "openssl", Mounts = true)]
    public Task OpenSmtpd_relays_to_us() => RelayToUsAsync(new OpenSmtpdProgram(OpenSmtpdProgram.Built));

    [LongFact(OpenSmtpdProgram.Built, "unshare", "openssl", Mounts = true)]
    public Task OpenSmtpd_takes_mail_from_us() => RelayToPeerAsync(new OpenSmtpdProgram(OpenSmtpdProgram.Built));

    [OldOpenSmtpdFact]
    public async Task OpenSmtpd_whose_tls_breaks_gets_mail_in_clear_only_where_that_is_allowed()
    {
        await using PeerServer server = await PeerServer.StartAsync();
        await using var peer = new OpenSmtpdProgram(OpenSmtpdProgram.Packaged);
        await peer.StartAsync(server);
        string relay = $"smtp://{PeerServer.Host}:{peer.OptionalTlsPort}";
        using var folder = new TemporaryFolder();
        (RunningProgram strict, IPEndPoint strictEnd) = await SlimtafastProgram.ListenAsync(
            new Dictionary<string, string> { ["SLIMTAFAST__Delivery__Tls"] = "required" },
            "serve", "--listen", "127.0.0.1:0", "--storage", $"disk:{folder["strict"]}", "--relay", relay);
        await using RunningProgram ownedStrict = strict;
        await SendAsync(strictEnd.Port, server.MessageFile, "x@clear.test");
        await strict.WaitForLineAsync(line => line.Contains("1 deferred", StringComparison.Ordinal) && line.Contains("451 4.7.5 TLS", StringComparison.Ordinal), Limit);
        Assert.False(peer.HasMail);

        (RunningProgram lenient, IPEndPoint end) = await SlimtafastProgram.ListenAsync(
            "serve", "--listen", "127.0.0.1:0", "--storage", $"disk:{folder["lenient"]}", "--relay", relay);
        await using RunningProgram ownedLenient = lenient;
        await SendAsync(end.Port, server.MessageFile, "x@clear.test");
        string front = PeerMessage.AssertArrivedInMailbox(await peer.TakeMailAsync(() => lenient.Output), received: 2);
        Assert.Contains("with ESMTP id", front, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, await lenient.StopAsync());
    }

    private static async Task RelayToUsAsync(PeerProgram peer)
    {
        await using PeerServer server = await PeerServer.StartAsync();
        await using PeerProgram owned = peer;
        await peer.StartAsync(server);
        foreach (string recipient in new[] { "b@far.test", "b@implicit.test" })
        {
            await SendAsync(peer.IntakePort, server.MessageFile, recipient);
            try
            {
                await server.AssertArrivesAsync(recipient, received: 2);
            }
            catch (TimeoutException nothing)
            {
                throw new TimeoutException($"{nothing.Message}\n{peer.Log}", nothing);
            }
        }

        await server.AssertStopsAsync();
    }

    private static async Task<string> RelayToPeerAsync(PeerProgram peer)
    {
        // The server here only issues the certificates and is where the peer would relay to.
        await using PeerServer server = await PeerServer.StartAsync();
        await using PeerProgram owned = peer;
        await peer.StartAsync(server);
        foreach (string relay in new[] { $"smtp://{PeerServer.Host}:{peer.StartTlsPort}", $"smtps://{PeerServer.Host}:{peer.ImplicitTlsPort}" })
        {
            using var folder = new TemporaryFolder();
            (RunningProgram wrong, IPEndPoint wrongEnd) = await ServeAsync(server, folder["wrong"], relay, "wrong");
            await using RunningProgram ownedWrong = wrong;
            await SendAsync(wrongEnd.Port, server.MessageFile, "x@hop.test");
            await wrong.WaitForLineAsync(line => line.Contains("535", StringComparison.Ordinal), Limit);
            Assert.False(peer.HasMail);

            (RunningProgram right, IPEndPoint end) = await ServeAsync(server, folder["right"], relay, PeerServer.Password);
            await using RunningProgram ownedRight = right;
            await SendAsync(end.Port, server.MessageFile, "x@hop.test");
            string front = PeerMessage.AssertArrivedInMailbox(await peer.TakeMailAsync(() => right.Output), received: 2);
            Assert.Contains("with ESMTPSA", front, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(0, await right.StopAsync());
        }

        return peer.Log;
    }

    private static Task<(RunningProgram Program, IPEndPoint EndPoint)> ServeAsync(PeerServer server, string spool, string relay, string password) =>
        SlimtafastProgram.ListenAsync(
            new Dictionary<string, string>
            {
                ["SLIMTAFAST__Delivery__UserName"] = PeerServer.User,
                ["SLIMTAFAST__Delivery__Password"] = password,
                ["SLIMTAFAST__Delivery__Tls"] = "verified",
                ["SLIMTAFAST__Delivery__TlsAuthorities"] = server.AuthorityFile,
            },
            "serve", "--listen", "127.0.0.1:0", "--storage", $"disk:{spool}", "--relay", relay);

    private static async Task SendAsync(int port, string file, string recipient)
    {
        (int code, string output) = await RunningProgram.RunAsync(
            SlimtafastProgram.Path, ["send", "--server", $"smtp://127.0.0.1:{port}", "--from", "sender@client.test", "--to", recipient, file]);
        Assert.True(code == 0, output);
    }
}
