using System.Text;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Diagnostics;

namespace SlimtaFast.Edge.Tests.Auth;

/// <summary>Who guesses one account's password from many addresses, over connections in plenty.</summary>
public sealed class AccountLimitTests
{
    private const string ShutOut = "454 4.7.0 Too many failed authentications as this user, try again later";
    private const string Wrong = "535 5.7.8 Authentication credentials invalid";
    private const string Right = "235 2.7.0 Authentication succeeded";

    private static readonly EdgeAuthOptions Options = new()
    {
        Store = new TwoUsers(),
        Tokens = new OneToken(),
        AllowPlaintext = true,
        MaxFailuresPerAccount = 3,
        FailureDelay = TimeSpan.Zero,
    };

    [Theory]
    [InlineData("alice", Right)]
    [InlineData("nobody", Wrong)]
    public async Task Account_is_shut_out_from_everywhere_for_the_rest_of_the_time_whether_it_exists_or_not(string user, string afterwards)
    {
        var time = new FakeTimeProvider();
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, new SmtpEdgeOptions { Auth = Options }, time);
        Assert.Equal(Wrong, await AskAsync(edge, "127.0.0.2", Plain(user, "1")));
        time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(Wrong, await AskAsync(edge, "127.0.0.3", Plain(user.ToUpperInvariant(), "2")));
        Assert.Equal(Wrong, await AskAsync(edge, "127.0.0.4", Plain(user, "3")));

        // No guess is looked at any more, the right one neither, whatever the mechanism; and none makes it last longer.
        Assert.Equal(ShutOut, await AskAsync(edge, "127.0.0.5", Plain(user, "secret")));
        Assert.Equal(ShutOut, await AskAsync(edge, "127.0.0.5", Plain(user, "4")));
        Assert.Equal(ShutOut, await AskAsync(edge, "127.0.0.6", "SCRAM-SHA-256 " + Base64($"n,,n={user},r=abc")));
        Assert.Equal(Right, await AskAsync(edge, "127.0.0.2", Plain("bob", "secret")));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(afterwards, await AskAsync(edge, "127.0.0.5", Plain(user, "secret")));
    }

    [Fact]
    public async Task Attempts_while_the_account_is_shut_out_do_not_count_against_their_address()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, new SmtpEdgeOptions { Auth = Options with { MaxFailuresPerAddress = 1 } });
        foreach (string guesser in (string[])["127.0.0.2", "127.0.0.3", "127.0.0.4"])
            Assert.Equal(Wrong, await AskAsync(edge, guesser, Plain("alice", "wrong")));
        Assert.Equal(ShutOut, await AskAsync(edge, "127.0.0.5", Plain("alice", "secret")));
        Assert.Equal(Right, await AskAsync(edge, "127.0.0.5", Plain("bob", "secret")));
        // Where the address is shut out itself, that is said, and ends the session.
        Assert.StartsWith("421 4.7.0 Too many failed authentications from", await AskAsync(edge, "127.0.0.2", Plain("alice", "secret")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Owner_comes_in_from_where_the_password_was_right_before_and_guesses_from_there_count_as_ever()
    {
        var time = new FakeTimeProvider();
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, new SmtpEdgeOptions { Auth = Options with { MaxFailuresPerAddress = 2, LoginMemory = TimeSpan.FromDays(1) } }, time);
        Assert.Equal(Right, await AskAsync(edge, "127.0.0.9", Plain("Alice@example.org", "secret")));
        Assert.Equal(Right, await AskAsync(edge, "127.0.0.8", Plain("bob", "secret")));
        time.Advance(TimeSpan.FromHours(23));
        await GuessAsync();
        Assert.Equal(ShutOut, await AskAsync(edge, "127.0.0.8", Plain("alice@example.org", "secret")));
        Assert.Equal(Right, await AskAsync(edge, "127.0.0.9", Plain("alice@example.org", "secret")));
        Assert.Equal(Wrong, await AskAsync(edge, "127.0.0.9", Plain("alice@example.org", "wrong")));
        Assert.Equal(Wrong, await AskAsync(edge, "127.0.0.9", Plain("alice@example.org", "wrong")));
        Assert.StartsWith("421 ", await AskAsync(edge, "127.0.0.9", Plain("alice@example.org", "secret")), StringComparison.Ordinal);

        // Since the last time that it was right.
        time.Advance(TimeSpan.FromHours(23));
        await GuessAsync();
        Assert.Equal(Right, await AskAsync(edge, "127.0.0.9", Plain("alice@example.org", "secret")));
        time.Advance(TimeSpan.FromHours(24));
        await GuessAsync();
        Assert.Equal(ShutOut, await AskAsync(edge, "127.0.0.9", Plain("alice@example.org", "secret")));

        async Task GuessAsync()
        {
            foreach (string guesser in (string[])["127.0.0.2", "127.0.0.3", "127.0.0.4"])
                Assert.Equal(Wrong, await AskAsync(edge, guesser, Plain("alice@example.org", "wrong")));
        }
    }

    [Fact]
    public async Task Without_a_memory_of_logins_the_owner_is_shut_out_everywhere()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, new SmtpEdgeOptions { Auth = Options with { LoginMemory = TimeSpan.Zero } });
        Assert.Equal(Right, await AskAsync(edge, "127.0.0.9", Plain("alice", "secret")));
        foreach (string guesser in (string[])["127.0.0.2", "127.0.0.3", "127.0.0.4"])
            Assert.Equal(Wrong, await AskAsync(edge, guesser, Plain("alice", "wrong")));
        Assert.Equal(ShutOut, await AskAsync(edge, "127.0.0.9", Plain("alice", "secret")));
    }

    [Fact]
    public async Task Tokens_neither_count_nor_are_refused()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, new SmtpEdgeOptions { Auth = Options });
        for (int i = 0; i < 4; i++)
            Assert.Equal(Wrong, await AskAsync(edge, "127.0.0.2", Token("alice", "expired"), ""));
        Assert.Equal(Right, await AskAsync(edge, "127.0.0.3", Plain("alice", "secret")));
        for (int i = 0; i < 3; i++)
            Assert.Equal(Wrong, await AskAsync(edge, "127.0.0.2", Plain("alice", "wrong")));
        Assert.Equal(ShutOut, await AskAsync(edge, "127.0.0.4", Plain("alice", "secret")));
        Assert.Equal(Right, await AskAsync(edge, "127.0.0.4", Token("alice", "good")));
        // Nor does a token vouch for the passwords that come from its address.
        Assert.Equal(ShutOut, await AskAsync(edge, "127.0.0.4", Plain("alice", "secret")));
    }

    [Fact]
    public async Task Zero_is_no_limit()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, new SmtpEdgeOptions { Auth = Options with { MaxFailuresPerAccount = 0 } });
        for (int i = 0; i < 5; i++)
            Assert.Equal(Wrong, await AskAsync(edge, "127.0.0.2", Plain("alice", "wrong")));
        Assert.Equal(Right, await AskAsync(edge, "127.0.0.2", Plain("alice", "secret")));
    }

    [Fact]
    public async Task Answer_waits_as_that_to_a_wrong_password_does()
    {
        var time = new WatchedTime();
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, new SmtpEdgeOptions { Auth = Options with { MaxFailuresPerAccount = 2, FailureDelay = TimeSpan.FromSeconds(3) } }, time);
        foreach (string guesser in (string[])["127.0.0.2", "127.0.0.3"])
        {
            Task<string> guess = AskAsync(edge, guesser, Plain("alice", "wrong"));
            await time.PassAsync(TimeSpan.FromSeconds(3));
            Assert.Equal(Wrong, await guess);
        }

        Task<string> shutOut = AskAsync(edge, "127.0.0.4", Plain("alice", "secret"));
        await time.PassAsync(TimeSpan.FromSeconds(6));
        Assert.Equal(ShutOut, await shutOut);
    }

    [Fact]
    public async Task Operator_sees_it_in_log_and_metrics()
    {
        using var counts = new Counts();
        using var log = new CollectingLog();
        using var queue = new CollectingQueue();
        await using (var edge = new RunningEdge(queue, new SmtpEdgeOptions { Auth = Options with { MaxFailuresPerAccount = 1 } }, loggers: log, meters: counts))
        {
            Assert.Equal(Wrong, await AskAsync(edge, "127.0.0.2", Plain("alice", "wrong")));
            Assert.Equal(ShutOut, await AskAsync(edge, "127.0.0.3", Plain("alice", "secret")));
        }

        Assert.Contains(log.Lines, static line => line.Contains("Client 127.0.0.3 was not let authenticate as alice by PLAIN: too many failures of that user", StringComparison.Ordinal));
        Assert.Equal(1, counts.Of("slimtafast.edge.authentications outcome=rejected"));
        Assert.Equal(1, counts.Of("slimtafast.edge.authentications outcome=account_shut_out"));
        Assert.Equal(2, counts.Of("slimtafast.edge.commands.refused reason=not_authenticated"));
    }

    // One attempt over a connection of its own.
    private static async Task<string> AskAsync(RunningEdge edge, string from, string attempt, string? answer = null)
    {
        using TestClient client = await edge.ConnectAsync(from);
        await client.HelloAsync();
        string reply = await client.AskAsync("AUTH " + attempt);
        return answer is null ? reply : await client.AskAsync(answer);
    }

    private static string Plain(string user, string password) => "PLAIN " + Base64($"\0{user}\0{password}");

    private static string Token(string user, string token) => "XOAUTH2 " + Base64($"user={user}\u0001auth=Bearer {token}\u0001\u0001");

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private sealed class TwoUsers : ICredentialStore
    {
        public CredentialAbilities Abilities => CredentialAbilities.Secrets;

        public ValueTask<Credential?> FindAsync(string userName, CancellationToken cancellationToken) =>
            new(userName.ToUpperInvariant() is "ALICE" or "BOB" or "ALICE@EXAMPLE.ORG" ? Credential.FromSecret(userName.Split('@')[0], "secret") : null);
    }

    private sealed class OneToken : ITokenValidator
    {
        public ValueTask<TokenVerdict> ValidateAsync(string token, CancellationToken cancellationToken) =>
            new(token == "good" ? TokenVerdict.Accept("alice") : TokenVerdict.Reject("it has expired"));
    }
}
