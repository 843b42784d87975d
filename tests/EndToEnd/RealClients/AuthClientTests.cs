using System.Net;
using System.Text.Json;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.RealClients;

/// <summary>Real clients authenticate with the running server, and only then may send anywhere.</summary>
public sealed class AuthClientTests
{
    [FullFact("swaks")]
    public async Task Swaks_authenticates_by_plain_and_login()
    {
        await WithServerAsync(async (endPoint, _) =>
        {
            foreach (string mechanism in (string[])["PLAIN", "LOGIN"])
            {
                (int code, string output) = await SwaksAsync(endPoint, "--auth", mechanism, "--auth-user", "alice", "--auth-password", "secret");
                Assert.True(code == 0, output);
                (code, output) = await SwaksAsync(endPoint, "--auth", mechanism, "--auth-user", "alice", "--auth-password", "wrong");
                Assert.True(code != 0 && output.Contains("535 5.7.8", StringComparison.Ordinal), output);
            }

            (int refused, string answer) = await SwaksAsync(endPoint);
            Assert.True(refused != 0 && answer.Contains("550 5.7.1", StringComparison.Ordinal), answer);
        });
    }

    [FullFact("/usr/bin/python3")]
    public async Task Python_smtplib_authenticates()
    {
        await WithServerAsync(async (endPoint, folder) =>
        {
            string script = folder["login.py"];
            await File.WriteAllTextAsync(script,
                """
                import smtplib, sys
                message = "Subject: x\r\n\r\ntext\r\n"
                with smtplib.SMTP(sys.argv[1], int(sys.argv[2])) as s:
                    try:
                        s.sendmail("a@client.test", ["b@far.test"], message)
                        sys.exit("relayed for a stranger")
                    except smtplib.SMTPRecipientsRefused:
                        pass
                    try:
                        s.login("alice", "wrong")
                        sys.exit("took a wrong password")
                    except smtplib.SMTPAuthenticationError as wrong:
                        assert wrong.smtp_code == 535, wrong
                    s.login("alice", "secret")
                    s.sendmail("a@client.test", ["b@far.test"], message)
                with smtplib.SMTP(sys.argv[1], int(sys.argv[2])) as s:
                    s.ehlo()
                    s.user, s.password = "alice", "secret"
                    assert s.auth("LOGIN", s.auth_login, initial_response_ok=False)[0] == 235
                """);
            (int code, string output) = await RunningProgram.RunAsync("/usr/bin/python3", [script, endPoint.Address.ToString(), $"{endPoint.Port}"]);
            Assert.True(code == 0, output);
        });
    }

    [FullFact("curl")]
    public async Task Curl_authenticates_by_plain_and_is_refused_with_a_bad_token()
    {
        await WithServerAsync(async (endPoint, folder) =>
        {
            await File.WriteAllTextAsync(folder["message"], "Subject: x\r\n\r\ntext\r\n");
            string[] mail = ["--silent", "--show-error", $"smtp://{endPoint}/client.test", "--mail-from", "a@client.test", "--mail-rcpt", "b@far.test", "--upload-file", folder["message"]];
            (int code, string output) = await RunningProgram.RunAsync("curl", [.. mail, "--user", "alice:secret", "--login-options", "AUTH=PLAIN"]);
            Assert.True(code == 0, output);
            (code, output) = await RunningProgram.RunAsync("curl", [.. mail, "--user", "alice:wrong", "--login-options", "AUTH=LOGIN"]);
            Assert.True(code == 67, output);
        });
    }

    private static Task<(int ExitCode, string Output)> SwaksAsync(IPEndPoint endPoint, params string[] auth) =>
        RunningProgram.RunAsync("swaks", ["--server", endPoint.ToString(), "--from", "a@client.test", "--to", "b@far.test", .. auth]);

    private static async Task WithServerAsync(Func<IPEndPoint, TemporaryFolder, Task> use)
    {
        using var folder = new TemporaryFolder();
        (int code, string output) = await RunningProgram.RunAsync(SlimtafastProgram.Path, ["user", "add", "alice", "--users", folder["users"]], "secret");
        Assert.True(code == 0, output);
        await File.WriteAllTextAsync(folder["serve.json"], JsonSerializer.Serialize(new
        {
            Listen = "127.0.0.1:0",
            Storage = "memory:",
            Relay = "hold:",
            Trust = "192.0.2.0/24",
            Auth = new { Users = folder["users"], AllowPlaintext = true, FailureDelay = "1ms" },
        }));
        (RunningProgram server, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync("serve", "--config", folder["serve.json"]);
        await using RunningProgram stopped = server;
        await use(endPoint, folder);
        Assert.Equal(0, await server.StopAsync());
    }
}
