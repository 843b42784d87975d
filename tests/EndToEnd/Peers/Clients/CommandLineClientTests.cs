using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Peers.Clients;

/// <summary>Programs of the command line submit mail under TLS with AUTH.</summary>
public sealed class CommandLineClientTests
{
    [LongFact("swaks", "/usr/share/perl5/IO/Socket/SSL.pm")]
    public Task Swaks_submits_by_plain_and_login() => ClientTrial.RunAsync(["PLAIN", "LOGIN"], async (server, mail) =>
    {
        string[] auth = mail.Mechanism.Length > 0 ? ["--auth", mail.Mechanism, "--auth-user", PeerServer.User, "--auth-password", mail.Secret] : [];
        // It puts a line end of its own behind the data.
        await File.WriteAllBytesAsync(server.Folder["unended"], PeerMessage.Octets[..^2]);
        (int code, string output) = await RunningProgram.RunAsync("swaks",
            ["--server", PeerServer.Host, "--port", $"{mail.Port}", mail.ImplicitTls ? "--tls-on-connect" : "--tls", "--tls-verify", "--tls-ca-path", server.AuthorityFile,
            "--from", "sender@client.test", "--to", "b@far.test", "--data", "@" + server.Folder["unended"], .. auth]);
        return (code == 0, output);
    });

    [LongFact("curl")]
    public Task Curl_submits_by_plain_login_and_bearer_tokens() => ClientTrial.RunAsync(["PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"], async (server, mail) =>
    {
        string[] auth = mail switch
        {
            { Mechanism: "" } => [],
            { IsBearer: true } => ["--user", PeerServer.User, "--oauth2-bearer", mail.Secret, "--login-options", $"AUTH={mail.Mechanism}"],
            _ => ["--user", $"{PeerServer.User}:{mail.Secret}", "--login-options", $"AUTH={mail.Mechanism}"],
        };
        (int code, string output) = await RunningProgram.RunAsync("curl",
            ["--silent", "--show-error", "--verbose", $"{(mail.ImplicitTls ? "smtps" : "smtp")}://{PeerServer.Host}:{mail.Port}/client.test", "--ssl-reqd", "--cacert", server.AuthorityFile,
            "--mail-from", "sender@client.test", "--mail-rcpt", "b@far.test", "--upload-file", server.MessageFile, .. auth]);
        return (code == 0, output);
    });

    [LongFact("msmtp")]
    public Task Msmtp_submits_by_plain_login_scram_and_bearer_tokens() => ClientTrial.RunAsync(["PLAIN", "LOGIN", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER"], async (server, mail) =>
    {
        string configuration = server.Folder["msmtprc"];
        string auth = mail.Mechanism.Length > 0 ? $"auth {mail.Mechanism.ToLowerInvariant()}\nuser {PeerServer.User}\npassword {mail.Secret}\n" : "auth off\n";
        await File.WriteAllTextAsync(configuration,
            $"account default\nhost {PeerServer.Host}\nport {mail.Port}\nfrom sender@client.test\ntls on\ntls_starttls {(mail.ImplicitTls ? "off" : "on")}\ntls_trust_file {server.AuthorityFile}\n{auth}");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(configuration, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        // Like sendmail it reads LF line ends.
        (int code, string output) = await RunningProgram.RunAsync(
            "msmtp", ["--debug", "--file", configuration, "b@far.test"], PeerMessage.Characters.Replace("\r\n", "\n", StringComparison.Ordinal));
        return (code == 0, output);
    });
}
