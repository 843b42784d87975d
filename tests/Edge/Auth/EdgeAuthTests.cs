using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.TestKit;

namespace SlimtaFast.Edge.Tests.Auth;

/// <summary>Authentication over real connections: who may relay then, and what becomes of those who guess.</summary>
public sealed class EdgeAuthTests
{
    private static readonly UsersFile Users = MakeUsers();

    private static readonly EdgeAuthOptions Options = new() { Store = new MemoryStore(Users), AllowPlaintext = true, FailureDelay = TimeSpan.FromMilliseconds(1) };

    [Fact]
    public async Task Authenticated_client_may_send_anywhere_and_is_named_in_the_envelope()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, new SmtpEdgeOptions { Auth = Options, Trust = [] });
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        await client.AskAsync("MAIL FROM:<a@client.test>");
        Assert.StartsWith("550 5.7.1", await client.AskAsync("RCPT TO:<x@far.test>"), StringComparison.Ordinal);
        await client.AskAsync("RSET");
        Assert.Equal("235 2.7.0 Authentication succeeded", await client.AskAsync("AUTH PLAIN " + Plain("ALICE", "secret")));
        Assert.StartsWith("250", await client.DeliverAsync("x@far.test", "text"), StringComparison.Ordinal);
        ClientFacts facts = Assert.Single(queue.Messages).Envelope.Client;
        Assert.Equal(("alice", "ESMTPA"), (facts.Identity, facts.Protocol));
    }

    [Fact]
    public async Task Authenticated_client_may_have_a_message_held_without_another_EHLO()
    {
        using var queue = new CollectingQueue();
        var options = new SmtpEdgeOptions { Auth = Options, Trust = [], Session = new SmtpServerOptions { FutureRelease = TimeSpan.FromDays(1) } };
        await using var edge = new RunningEdge(queue, options);
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        Assert.StartsWith("555 5.5.4", await client.AskAsync("MAIL FROM:<a@client.test> HOLDFOR=60"), StringComparison.Ordinal);
        Assert.StartsWith("235", await client.AskAsync("AUTH PLAIN " + Plain("alice", "secret")), StringComparison.Ordinal);
        Assert.StartsWith("250", await client.AskAsync("MAIL FROM:<a@client.test> HOLDFOR=60"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_session_from_the_same_address_is_not_authenticated()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, new SmtpEdgeOptions { Auth = Options, Trust = [] });
        using TestClient first = await edge.ConnectAsync(), second = await edge.ConnectAsync();
        await first.HelloAsync();
        Assert.StartsWith("235", await first.AskAsync("AUTH PLAIN " + Plain("alice", "secret")), StringComparison.Ordinal);
        await second.HelloAsync();
        await second.AskAsync("MAIL FROM:<a@client.test>");
        Assert.StartsWith("550 5.7.1", await second.AskAsync("RCPT TO:<x@far.test>"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("alice", "wrong")]
    [InlineData("nobody", "secret")]
    [InlineData("nobody", "")]
    public async Task Wrong_password_and_unknown_user_look_the_same(string user, string password)
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, new SmtpEdgeOptions { Auth = Options });
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        string expected = password.Length > 0 ? "535 5.7.8 Authentication credentials invalid" : "501 5.5.2 Response does not fit the mechanism";
        Assert.Equal(expected, await client.AskAsync("AUTH PLAIN " + Plain(user, password)));
    }

    [Fact]
    public async Task Third_failure_ends_the_connection_and_the_address_is_shut_out_after_its_limit()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, new SmtpEdgeOptions { Auth = Options with { MaxFailuresPerAddress = 4 } });
        using TestClient first = await edge.ConnectAsync();
        await first.HelloAsync();
        Assert.StartsWith("535", await first.AskAsync("AUTH PLAIN " + Plain("alice", "1")), StringComparison.Ordinal);
        Assert.StartsWith("535", await first.AskAsync("AUTH PLAIN " + Plain("alice", "2")), StringComparison.Ordinal);
        Assert.StartsWith("421 4.7.0", await first.AskAsync("AUTH PLAIN " + Plain("alice", "3")), StringComparison.Ordinal);
        Assert.Equal("", await first.ReadAsync());
        using TestClient second = await edge.ConnectAsync();
        await second.HelloAsync();
        Assert.StartsWith("535", await second.AskAsync("AUTH PLAIN " + Plain("alice", "4")), StringComparison.Ordinal);

        // The right password does not help there, but it does from elsewhere.
        using TestClient third = await edge.ConnectAsync();
        await third.HelloAsync();
        Assert.StartsWith("421 4.7.0 Too many failed authentications from", await third.AskAsync("AUTH PLAIN " + Plain("alice", "secret")), StringComparison.Ordinal);
        using TestClient elsewhere = await edge.ConnectAsync("127.0.0.2");
        await elsewhere.HelloAsync();
        Assert.StartsWith("235", await elsewhere.AskAsync("AUTH PLAIN " + Plain("alice", "secret")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Store_that_fails_is_a_temporary_failure()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, new SmtpEdgeOptions { Auth = Options with { Store = new BrokenStore() } });
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        Assert.Equal("454 4.7.0 Temporary authentication failure", await client.AskAsync("AUTH PLAIN " + Plain("alice", "secret")));
        Assert.StartsWith("250", await client.AskAsync("NOOP"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Real_client_authenticates_by_scram()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, new SmtpEdgeOptions { Auth = Options with { AllowPlaintext = false }, Trust = [] });
        await using Protocol.Transport.ITransport transport = Protocol.Transport.Transports.Create(new Protocol.Transport.TransportOptions { Reactors = 1 }, TimeProvider.System);
        foreach ((string password, bool isRight) in ((string, bool)[])[("secret", true), ("wrong", false)])
        {
            Protocol.Transport.Connection connection = await transport.ConnectAsync(edge.EndPoint, null, CancellationToken.None);
            await using var session = new SmtpClientSession(connection, new SmtpClientOptions { Credentials = new SmtpCredentials("alice", password) });
            SmtpReply reply = await session.OpenAsync(CancellationToken.None);
            Assert.Equal(isRight ? 250 : 535, reply.Code);
        }
    }

    [Theory]
    [InlineData(CredentialAbilities.CheckPassword, "PLAIN LOGIN")]
    [InlineData(CredentialAbilities.Verifiers, "SCRAM-SHA-256 PLAIN LOGIN")]
    [InlineData(CredentialAbilities.Secrets, "SCRAM-SHA-256 PLAIN LOGIN")]
    public async Task What_the_store_can_do_decides_what_is_offered(CredentialAbilities abilities, string expected)
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, new SmtpEdgeOptions { Auth = Options with { Store = new AbleStore(abilities) } });
        await using Protocol.Transport.ITransport transport = Protocol.Transport.Transports.Create(new Protocol.Transport.TransportOptions { Reactors = 1 }, TimeProvider.System);
        Protocol.Transport.Connection connection = await transport.ConnectAsync(edge.EndPoint, null, CancellationToken.None);
        await using var session = new SmtpClientSession(connection, new SmtpClientOptions());
        await session.OpenAsync(CancellationToken.None);
        Assert.Equal(expected, session.Extensions.Auth);
    }

    [Fact]
    public async Task Store_with_secrets_serves_every_mechanism()
    {
        using var queue = new CollectingQueue();
        var auth = new EdgeAuthOptions { Store = new AbleStore(CredentialAbilities.Secrets), AllowPlaintext = true, Mechanisms = ["CRAM-MD5", "SCRAM-SHA-256", "PLAIN"] };
        await using var edge = new RunningEdge(queue, new SmtpEdgeOptions { Auth = auth });
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        string challenge = await client.AskAsync("AUTH CRAM-MD5");
#pragma warning disable CA5351 // The mechanism under test.
        byte[] digest = System.Security.Cryptography.HMACMD5.HashData("secret"u8.ToArray(), Convert.FromBase64String(challenge[4..]));
#pragma warning restore CA5351
        Assert.StartsWith("235", await client.AskAsync(Convert.ToBase64String(Encoding.ASCII.GetBytes("bob " + Convert.ToHexStringLower(digest)))), StringComparison.Ordinal);

        await using Protocol.Transport.ITransport transport = Protocol.Transport.Transports.Create(new Protocol.Transport.TransportOptions { Reactors = 1 }, TimeProvider.System);
        Protocol.Transport.Connection connection = await transport.ConnectAsync(edge.EndPoint, null, CancellationToken.None);
        await using var session = new SmtpClientSession(connection, new SmtpClientOptions { Credentials = new SmtpCredentials("bob", "secret") });
        Assert.Equal(250, (await session.OpenAsync(CancellationToken.None)).Code);
    }

    [Fact]
    public async Task Token_is_judged_by_the_validator_and_belongs_to_its_user()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, new SmtpEdgeOptions { Auth = new EdgeAuthOptions { Tokens = new OneToken(), AllowPlaintext = true, FailureDelay = TimeSpan.FromMilliseconds(1) }, Trust = [] });
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        Assert.StartsWith("504", await client.AskAsync("AUTH PLAIN " + Plain("alice", "secret")), StringComparison.Ordinal);
        string refusal = await client.AskAsync("AUTH XOAUTH2 " + Base64("user=mallory\u0001auth=Bearer good\u0001\u0001"));
        Assert.StartsWith("334 ", refusal, StringComparison.Ordinal);
        Assert.StartsWith("535", await client.AskAsync(""), StringComparison.Ordinal);
        Assert.StartsWith("235", await client.AskAsync("AUTH OAUTHBEARER " + Base64("n,a=alice,\u0001auth=Bearer good\u0001\u0001")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_to_a_failure_waits_longer_each_time_but_not_on_the_thread()
    {
        var time = new WatchedTime();
        using var queue = new CollectingQueue();
        await using Protocol.Transport.ITransport transport = Protocol.Transport.Transports.Create(new Protocol.Transport.TransportOptions { Reactors = 1 }, TimeProvider.System);
        var options = new SmtpEdgeOptions { Listen = [new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0)], Auth = Options with { FailureDelay = TimeSpan.FromSeconds(3) } };
        await using var edge = new SmtpEdge(queue, transport, options, time);
        edge.Start();
        var address = (System.Net.IPEndPoint)edge.EndPoints[0];
        using TestClient guesser = await ConnectAsync(address), other = await ConnectAsync(address);
        await guesser.HelloAsync();
        await other.HelloAsync();

        Task<string> first = guesser.AskAsync("AUTH PLAIN " + Plain("alice", "wrong"));
        Assert.StartsWith("250", await other.AskAsync("NOOP"), StringComparison.Ordinal);
        Assert.False(first.IsCompleted);
        await time.PassAsync(TimeSpan.FromSeconds(3));
        Assert.StartsWith("535", await first, StringComparison.Ordinal);
        Task<string> second = guesser.AskAsync("AUTH PLAIN " + Plain("alice", "wrong"));
        await time.PassAsync(TimeSpan.FromSeconds(6));
        Assert.StartsWith("535", await second, StringComparison.Ordinal);
    }

    private static async Task<TestClient> ConnectAsync(System.Net.IPEndPoint address)
    {
        var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(address);
        return new TestClient(client);
    }

    private static UsersFile MakeUsers()
    {
        UsersFile users = UsersFile.Parse("");
        users.Set("alice", "secret", 4096);
        return users;
    }

    private static string Plain(string user, string password) => Base64($"\0{user}\0{password}");

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private sealed class MemoryStore(UsersFile users) : ICredentialStore
    {
        public CredentialAbilities Abilities => CredentialAbilities.Verifiers;

        public ValueTask<Credential?> FindAsync(string userName, CancellationToken cancellationToken) => new(users.Find(userName));
    }

    private sealed class BrokenStore : ICredentialStore
    {
        public CredentialAbilities Abilities => CredentialAbilities.Verifiers;

        public ValueTask<Credential?> FindAsync(string userName, CancellationToken cancellationToken) => throw new InvalidOperationException("The database is away.");
    }

    private sealed class AbleStore(CredentialAbilities abilities) : ICredentialStore
    {
        public CredentialAbilities Abilities => abilities;

        public ValueTask<Credential?> FindAsync(string userName, CancellationToken cancellationToken) =>
            new(userName == "bob" ? Credential.FromSecret("bob", "secret") : null);
    }

    private sealed class OneToken : ITokenValidator
    {
        public ValueTask<TokenVerdict> ValidateAsync(string token, CancellationToken cancellationToken) =>
            new(token == "good" ? TokenVerdict.Accept("alice") : TokenVerdict.Reject("it is not the one"));
    }
}
