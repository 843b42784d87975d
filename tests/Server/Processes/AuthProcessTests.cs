using System.Net;
using System.Text.Json;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Server.Tests.Processes;

/// <summary>Users from the command line to the mail that they may send.</summary>
public sealed class AuthProcessTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Users_are_added_listed_changed_and_removed()
    {
        string users = _folder["users"];
        Assert.Equal(0, (await UserAsync("first", "add", "bob", "--users", users, "--iterations", "4096")).Code);
        Assert.Equal(0, (await UserAsync("second\n", "add", "alice", "--users", users)).Code);
        Assert.Equal((0, "alice\nbob"), await UserAsync(null, "list", "--users", users));
        Assert.Equal(0, (await UserAsync("third", "add", "bob", "--users", users)).Code);
        Assert.Equal(0, (await UserAsync(null, "remove", "bob", "--users", users)).Code);
        Assert.Equal((0, "alice"), await UserAsync(null, "list", "--users", users));
        Assert.DoesNotContain("second", await File.ReadAllTextAsync(users), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(users));
    }

    [Theory]
    [InlineData("", "add", "alice")]
    [InlineData("\n", "add", "alice")]
    [InlineData("x", "add", "a:b")]
    [InlineData("x", "add", "alice", "--iterations", "1")]
    [InlineData("", "remove", "nobody")]
    public async Task Mistake_is_told_and_nothing_is_written(string input, params string[] arguments)
    {
        (int code, string output) = await UserAsync(input, [.. arguments, "--users", _folder["users"]]);
        Assert.Equal(2, code);
        Assert.StartsWith("slimtafast: ", output, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["users"]));
    }

    [Theory]
    [InlineData("SCRAM-SHA-256", false)]
    [InlineData("PLAIN", true)]
    [InlineData("LOGIN", true)]
    public async Task Authenticated_client_relays_and_the_trace_says_so(string mechanism, bool allowPlaintext)
    {
        await UserAsync("secret", "add", "alice", "--users", _folder["users"]);
        (RunningProgram sink, IPEndPoint hop) = await SlimtafastProgram.ListenAsync("sink", "--listen", "127.0.0.1:0", "--print");
        await using RunningProgram ownedSink = sink;
        (RunningProgram server, IPEndPoint endPoint) = await ServeAsync(new { Relay = $"smtp://{hop}", Auth = new { AllowPlaintext = allowPlaintext, Mechanisms = new[] { mechanism } } });
        await using RunningProgram ownedServer = server;

        using var client = new SmtpClient();
        await client.ConnectAsync(endPoint.Address.ToString(), endPoint.Port, SecureSocketOptions.None);
        Assert.Equal(mechanism, Assert.Single(client.AuthenticationMechanisms));
        await Assert.ThrowsAsync<AuthenticationException>(() => client.AuthenticateAsync("alice", "wrong"));
        await client.AuthenticateAsync("alice", "secret");
        await SendAsync(client, "from somebody we know");
        await sink.WaitForLineAsync(l => l == "from somebody we know", Limit);
        Assert.Contains("with ESMTPA", sink.Output, StringComparison.Ordinal);
        await server.WaitForLineAsync(l => l.Contains("user alice", StringComparison.Ordinal), Limit);
        Assert.DoesNotContain("secret", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changed_users_file_counts_without_a_restart()
    {
        await UserAsync("secret", "add", "alice", "--users", _folder["users"], "--iterations", "4096");
        (RunningProgram server, IPEndPoint endPoint) = await ServeAsync(new { Relay = "hold:", Auth = new { FailureDelay = "1ms", MaxFailures = 100, MaxFailuresPerAddress = 0, MaxFailuresPerAccount = 0 } });
        await using RunningProgram ownedServer = server;
        await UserAsync("other", "add", "bob", "--users", _folder["users"], "--iterations", "4096");
        using var client = new SmtpClient();
        await client.ConnectAsync(endPoint.Address.ToString(), endPoint.Port, SecureSocketOptions.None);
        for (DateTime end = DateTime.UtcNow + Limit; !client.IsAuthenticated && DateTime.UtcNow < end;)
        {
            try
            {
                await client.AuthenticateAsync("bob", "other");
            }
            catch (AuthenticationException)
            {
                // Within the second in which the file is not looked at again.
                await Task.Delay(100);
            }
        }

        Assert.True(client.IsAuthenticated);
    }

    [Fact]
    public async Task Relay_authenticates_with_its_next_hop_and_mail_waits_while_the_password_is_wrong()
    {
        await UserAsync("secret", "add", "alice", "--users", _folder["users"]);
        (RunningProgram hop, IPEndPoint hopEndPoint) = await ServeAsync(new { Relay = "hold:", Auth = new { FailureDelay = "1ms" } });
        await using RunningProgram ownedHop = hop;
        await File.WriteAllTextAsync(_folder["password"], "wrong\n");
        await File.WriteAllTextAsync(_folder["relay.json"], JsonSerializer.Serialize(new
        {
            Listen = "127.0.0.1:0",
            Storage = "memory:",
            Relay = $"smtp://{hopEndPoint}",
            Queue = new { HopRetryFirst = "1s", HopRetryMost = "1s" },
            Delivery = new { UserName = "alice", PasswordFile = _folder["password"] },
        }));
        (RunningProgram relay, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync("serve", "--config", _folder["relay.json"]);
        await using RunningProgram ownedRelay = relay;

        using var client = new SmtpClient();
        await client.ConnectAsync(endPoint.Address.ToString(), endPoint.Port, SecureSocketOptions.None);
        await SendAsync(client, "by way of the relay");
        await hop.WaitForLineAsync(l => l.Contains("failed to authenticate as alice", StringComparison.Ordinal), Limit);
        await File.WriteAllTextAsync(_folder["password"], "secret\n");
        await hop.WaitForLineAsync(l => l.Contains("user alice", StringComparison.Ordinal), Limit);
    }

    public void Dispose() => _folder.Dispose();

    // Nobody is trusted by address, so that only authentication lets mail through.
    [Fact]
    public async Task Users_may_be_in_a_database()
    {
        await UserAsync("secret", "add", "alice", "--users", _folder["users"]);
        string hash = (await File.ReadAllLinesAsync(_folder["users"])).Single(line => line.StartsWith("alice:", StringComparison.Ordinal))["alice:".Length..];
        using (var database = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_folder["mail.db"]};Pooling=False"))
        {
            database.Open();
            using Microsoft.Data.Sqlite.SqliteCommand command = database.CreateCommand();
            command.CommandText = "CREATE TABLE users (name TEXT, hash TEXT); INSERT INTO users VALUES ('alice', @hash), ('broken', 'clear text')";
            command.Parameters.AddWithValue("@hash", hash);
            command.ExecuteNonQuery();
        }

        await File.WriteAllTextAsync(_folder["serve.json"], JsonSerializer.Serialize(new
        {
            Listen = "127.0.0.1:0",
            Storage = "memory:",
            Relay = "blackhole:",
            Trust = "192.0.2.0/24",
            Auth = new { Users = $"sqlite:{_folder["mail.db"]}?query=SELECT hash FROM users WHERE name = @key" },
        }));
        (RunningProgram server, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync("serve", "--config", _folder["serve.json"]);
        await using RunningProgram owned = server;
        using var client = new SmtpClient();
        await client.ConnectAsync(endPoint.Address.ToString(), endPoint.Port, SecureSocketOptions.None);
        await Assert.ThrowsAsync<AuthenticationException>(() => client.AuthenticateAsync("alice", "wrong"));
        await Assert.ThrowsAnyAsync<Exception>(() => client.AuthenticateAsync("broken", "clear text"));
        await client.AuthenticateAsync("alice", "secret");
        await SendAsync(client, "from somebody in a database");
        Assert.DoesNotContain("clear text", server.Output, StringComparison.Ordinal);
    }

    private async Task<(RunningProgram Program, IPEndPoint EndPoint)> ServeAsync(object settings)
    {
        var all = JsonSerializer.SerializeToNode(settings)!.AsObject();
        all["Listen"] = "127.0.0.1:0";
        all["Storage"] = "memory:";
        all["Trust"] = "192.0.2.0/24";
        await File.WriteAllTextAsync(_folder["serve.json"], all.ToJsonString());
        return await SlimtafastProgram.ListenAsync("serve", "--config", _folder["serve.json"], "--users", _folder["users"]);
    }

    private static async Task SendAsync(SmtpClient client, string text)
    {
        using var message = new MimeMessage
        {
            From = { new MailboxAddress("", "a@client.test") },
            To = { new MailboxAddress("", "b@far.test") },
            Subject = "x",
            Body = new TextPart("plain") { Text = text },
        };
        await client.SendAsync(message);
        await client.DisconnectAsync(true);
    }

    private static Task<(int Code, string Output)> UserAsync(string? password, params string[] arguments) =>
        RunningProgram.RunAsync(SlimtafastProgram.Path, ["user", .. arguments], password);
}
