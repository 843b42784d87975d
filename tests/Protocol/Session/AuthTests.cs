using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Sasl;
using SlimtaFast.TestKit.Connections;

namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>AUTH in a dialogue (RFC 4954).</summary>
public class AuthTests
{
    private const string GoodPlain = "AHRpbQBwZW5jaWw=";
    private const string BadPlain = "AHRpbQBub3QgaXQ=";

    private static readonly SmtpServerOptions Open = Dialogue.Options with
    {
        Auth = new SmtpAuthOptions { Mechanisms = SaslMechanisms.All, AllowPlaintext = true },
    };

    private static readonly SmtpServerOptions Guarded = Dialogue.Options with { Auth = new SmtpAuthOptions { Mechanisms = SaslMechanisms.All } };

    public static TheoryData<Cut> Cuts => Dialogue.Cuts;

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task Initial_response_authenticates_and_names_the_protocol(Cut cut)
    {
        var handler = new AuthHandler();
        Dialogue run = await Dialogue.PlayAsync(
            cut, handler, Open, Dialogue.Ehlo, $"auth plain {GoodPlain}\r\n", Dialogue.From, Dialogue.To, Dialogue.Begin, "text\r\n", ".\r\n", Dialogue.Quit);

        Assert.Equal(["235 2.7.0", "250 2.1.0", "250 2.1.5", "354", "250 2.0.0", "221 2.0.0"], run.Codes);
        Assert.Equal("tim", run.Session.Identity);
        ClientFacts client = Assert.Single(handler.Clients);
        Assert.Equal(("tim", "ESMTPA"), (client.Identity, client.Protocol));
        Assert.Equal([new AuthenticationResult(AuthenticationOutcome.Succeeded, "PLAIN", "tim", 0)], handler.Results);
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task Challenges_are_answered_line_by_line(Cut cut)
    {
        Dialogue run = await Dialogue.PlayAsync(
            cut, new AuthHandler(), Open, Dialogue.Ehlo, "AUTH LOGIN\r\n", "dGlt\r\n", "cGVuY2ls\r\n", "NOOP\r\n", "AUTH PLAIN\r\n", Dialogue.Quit);
        Assert.Equal(["334", "334", "235 2.7.0", "250 2.0.0", "503 5.5.1", "221 2.0.0"], run.Codes);
        Assert.Contains("334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n", run.Connection.Answers.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Empty_challenge_asks_for_the_initial_response()
    {
        Dialogue run = await Dialogue.PlayAsync(Cut.Lines, new AuthHandler(), Open, Dialogue.Ehlo, "AUTH PLAIN\r\n", $"{GoodPlain}\r\n", Dialogue.Quit);
        Assert.Contains("334 \r\n235 ", run.Connection.Answers.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AUTH\r\n", "501 5.5.4")]
    [InlineData("AUTH NTLM\r\n", "504 5.5.4")]
    [InlineData("AUTH SCRAM-SHA-256-PLUS\r\n", "504 5.5.4")]
    [InlineData("AUTH PLAIN =\r\n", "501 5.5.2")]
    [InlineData("AUTH PLAIN *\r\n", "501 5.7.0")]
    [InlineData("AUTH PLAIN AHRpbQBwZW5jaWw\r\n", "501 5.5.2")]
    [InlineData("AUTH PLAIN AHRp bQBwZW5jaWw=\r\n", "501 5.5.2")]
    [InlineData("AUTH PLAIN AA==\r\n", "501 5.5.2")]
    [InlineData("AUTH CRAM-MD5 AA==\r\n", "501 5.5.2")]
    [InlineData("AUTH PLAIN " + BadPlain + "\r\n", "535 5.7.8")]
    public async Task Wrong_command_is_answered_and_the_session_goes_on(string command, string code)
    {
        Dialogue run = await Dialogue.PlayAsync(Cut.Whole, new AuthHandler(), Open, Dialogue.Ehlo, command, "NOOP\r\n", Dialogue.Quit);
        Assert.Equal([code, "250 2.0.0", "221 2.0.0"], run.Codes);
        Assert.Null(run.Session.Identity);
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task Client_cancels_with_an_asterisk_at_each_step(Cut cut)
    {
        var handler = new AuthHandler();
        Dialogue run = await Dialogue.PlayAsync(
            cut, handler, Open, Dialogue.Ehlo, "AUTH LOGIN\r\n", "*\r\n", "AUTH LOGIN dGlt\r\n", "*\r\n", "AUTH PLAIN\r\n", "*\r\n", Dialogue.Quit);
        Assert.Equal(["334", "501 5.7.0", "334", "501 5.7.0", "334", "501 5.7.0", "221 2.0.0"], run.Codes);
        Assert.All(handler.Results, static result => Assert.Equal(AuthenticationOutcome.Cancelled, result.Outcome));
    }

    [Fact]
    public async Task Command_inside_an_exchange_is_a_response_and_never_run()
    {
        Dialogue run = await Dialogue.PlayAsync(Cut.Whole, new AuthHandler(), Open, Dialogue.Ehlo, "AUTH PLAIN\r\n", Dialogue.From, Dialogue.Quit);
        Assert.Equal(["334", "501 5.5.2", "221 2.0.0"], run.Codes);
    }

    [Fact]
    public async Task Pipelined_command_waits_for_the_outcome()
    {
        var handler = new AuthHandler { Gate = new TaskCompletionSource() };
        var connection = new ScriptedConnection(Dialogue.Ehlo, $"AUTH PLAIN {GoodPlain}\r\n{Dialogue.From}{Dialogue.Quit}");
        var session = new SmtpServerSession(connection, handler, Open);
        Task<SessionEndReason> running = session.RunAsync(CancellationToken.None);

        Assert.False(running.IsCompleted);
        Assert.DoesNotContain("250 2.1.0", connection.Answers.Text, StringComparison.Ordinal);
        handler.Gate.SetResult();
        await running;
        Assert.EndsWith("235 2.7.0 Authentication succeeded\r\n250 2.1.0 Ok\r\n221 2.0.0 mx.example closing\r\n", connection.Answers.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Auth_has_its_place_in_the_dialogue()
    {
        Dialogue run = await Dialogue.PlayAsync(
            Cut.Lines, new AuthHandler(), Open, $"AUTH PLAIN {GoodPlain}\r\n", "HELO c\r\n", $"AUTH PLAIN {GoodPlain}\r\n", Dialogue.Ehlo, Dialogue.From, $"AUTH PLAIN {GoodPlain}\r\n",
            Dialogue.To, $"AUTH PLAIN {GoodPlain}\r\n", "RSET\r\n", $"AUTH PLAIN {GoodPlain}\r\n", Dialogue.Ehlo, $"AUTH PLAIN {GoodPlain}\r\n", Dialogue.Quit);
        Assert.Equal(
            ["503 5.5.1", "250", "503 5.5.1", "250 2.1.0", "503 5.5.1", "250 2.1.5", "503 5.5.1", "250 2.0.0", "235 2.7.0", "503 5.5.1", "221 2.0.0"], run.Codes);
    }

    [Fact]
    public async Task Without_the_feature_the_command_is_unknown()
    {
        Dialogue run = await Dialogue.PlayAsync(Cut.Lines, $"AUTH PLAIN {GoodPlain}\r\n", Dialogue.Ehlo, "AUTH PLAIN\r\n", "MAIL FROM:<a@b.example> AUTH=<>\r\n", Dialogue.Quit);
        Assert.Equal(["500 5.5.2", "500 5.5.2", "555 5.5.4", "221 2.0.0"], run.Codes);
        Assert.DoesNotContain("AUTH", run.Connection.Answers.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "", "250-AUTH SCRAM-SHA-256\r\n")]
    [InlineData("TLS 1.3", "", "250-AUTH SCRAM-SHA-256 OAUTHBEARER XOAUTH2 PLAIN LOGIN CRAM-MD5\r\n")]
    [InlineData("TLS 1.3", "binding", "250-AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 OAUTHBEARER XOAUTH2 PLAIN LOGIN CRAM-MD5\r\n")]
    public async Task Hello_lists_what_the_connection_allows(string? tls, string binding, string expected)
    {
        var connection = new ScriptedConnection(Dialogue.Ehlo, "AUTH PLAIN AAA\r\n") { Security = tls, Binding = Encoding.ASCII.GetBytes(binding) };
        Dialogue run = await Dialogue.RunAsync(connection, new AuthHandler(), Guarded);
        Assert.Contains(expected, run.Connection.Answers.Text, StringComparison.Ordinal);
        Assert.EndsWith("250 HELP\r\n" + (tls is null ? "538 5.7.11 Encryption required for this mechanism\r\n" : "501 5.5.2 Not base64\r\n"), run.Connection.Answers.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_TLS_the_protocol_says_so_too()
    {
        var connection = new ScriptedConnection(Dialogue.Ehlo, $"AUTH PLAIN {GoodPlain}\r\n") { Security = "TLS 1.3" };
        Dialogue run = await Dialogue.RunAsync(connection, new AuthHandler(), Guarded);
        Assert.Equal(("ESMTPSA", "TLS 1.3"), (run.Session.Client.Protocol, run.Session.Client.Tls));
    }

    [Theory]
    [InlineData(12_288 - 2, "535 5.7.8")]
    [InlineData(12_288, "500 5.5.6")]
    public async Task Response_may_have_12288_octets(int length, string code)
    {
        // Without padding: a name and a password so long.
        byte[] message = new byte[(length - (length % 4)) / 4 * 3];
        message.AsSpan(1).Fill((byte)'x');
        message[0] = message[5] = 0;
        string response = Convert.ToBase64String(message);
        foreach (Cut cut in (Cut[])[Cut.Whole, Cut.Lines, Cut.Octets])
        {
            Dialogue run = await Dialogue.PlayAsync(cut, new AuthHandler(), Open, Dialogue.Ehlo, "AUTH PLAIN\r\n", response + "\r\n", "NOOP\r\n", Dialogue.Quit);
            Assert.Equal(["334", code, "250 2.0.0", "221 2.0.0"], run.Codes);
        }
    }

    [Theory]
    [InlineData("AUTH PLAIN ", 9_000, "535 5.7.8")]
    [InlineData("AUTH PLAIN ", 9_300, "500 5.5.2")]
    [InlineData("NOOP ", 3_000, "500 5.5.2")]
    public async Task Only_lines_of_AUTH_may_be_long(string command, int octets, string code)
    {
        byte[] message = new byte[octets];
        message.AsSpan(1).Fill((byte)'x');
        message[0] = message[5] = 0;
        foreach (Cut cut in (Cut[])[Cut.Whole, Cut.Lines, Cut.Octets])
        {
            Dialogue run = await Dialogue.PlayAsync(cut, new AuthHandler(), Open, Dialogue.Ehlo, $"{command}{Convert.ToBase64String(message)}\r\n", "NOOP\r\n", Dialogue.Quit);
            Assert.Equal([code, "250 2.0.0", "221 2.0.0"], run.Codes);
        }
    }

    [Fact]
    public async Task Bare_line_feed_ends_the_exchange_and_runs_nothing()
    {
        Dialogue run = await Dialogue.PlayAsync(Cut.Whole, new AuthHandler(), Open, Dialogue.Ehlo, "AUTH PLAIN\r\n", $"{GoodPlain}\nNOOP\r\n", "NOOP\r\n", Dialogue.Quit);
        Assert.Equal(["334", "500 5.5.2", "500 5.5.2", "250 2.0.0", "221 2.0.0"], run.Codes);
        Assert.Null(run.Session.Identity);
    }

    [Fact]
    public async Task Third_failure_closes_the_session()
    {
        var handler = new AuthHandler();
        Dialogue run = await Dialogue.PlayAsync(
            Cut.Whole, handler, Open, Dialogue.Ehlo, $"AUTH PLAIN {BadPlain}\r\n", $"AUTH PLAIN {BadPlain}\r\n", $"AUTH PLAIN {BadPlain}\r\n", $"AUTH PLAIN {GoodPlain}\r\n");
        Assert.Equal(["535 5.7.8", "535 5.7.8", "421 4.7.0"], run.Codes);
        Assert.Equal(SessionEndReason.AuthenticationFailures, run.End);
        Assert.Equal([1, 2, 3], handler.Results.Select(static result => result.Failures));
    }

    [Fact]
    public async Task Handler_may_answer_the_end_itself()
    {
        var handler = new AuthHandler { OnEnd = _ => new SmtpReply(421, "4.7.0", "Go away") };
        Dialogue run = await Dialogue.PlayAsync(Cut.Whole, handler, Open, Dialogue.Ehlo, $"AUTH PLAIN {GoodPlain}\r\n", "NOOP\r\n");
        Assert.Equal(["421 4.7.0"], run.Codes);
        Assert.Null(run.Session.Identity);
        Assert.Equal(SessionEndReason.Refused, run.End);
    }

    [Theory]
    [InlineData(BadPlain, false)]
    [InlineData(GoodPlain, true)]
    [InlineData("*", false)]
    public async Task Handler_that_sends_a_failed_attempt_away_has_counted_failures(string response, bool isBroken)
    {
        var handler = new AuthHandler { IsBroken = isBroken, OnEnd = _ => new SmtpReply(421, "4.7.0", "Go away") };
        Dialogue run = await Dialogue.PlayAsync(Cut.Whole, handler, Open, Dialogue.Ehlo, $"AUTH PLAIN {response}\r\n", "NOOP\r\n");
        Assert.Equal(["421 4.7.0"], run.Codes);
        Assert.Equal(SessionEndReason.AuthenticationFailures, run.End);
    }

    [Fact]
    public async Task Store_that_cannot_tell_is_a_temporary_failure()
    {
        Dialogue run = await Dialogue.PlayAsync(Cut.Whole, new AuthHandler { IsBroken = true }, Open, Dialogue.Ehlo, $"AUTH PLAIN {GoodPlain}\r\n", Dialogue.Quit);
        Assert.Equal(["454 4.7.0", "221 2.0.0"], run.Codes);
    }

    [Fact]
    public async Task Required_authentication_comes_before_MAIL()
    {
        SmtpServerOptions options = Open with { Auth = Open.Auth! with { Required = true } };
        Dialogue run = await Dialogue.PlayAsync(Cut.Whole, new AuthHandler(), options, Dialogue.Ehlo, Dialogue.From, $"AUTH PLAIN {GoodPlain}\r\n", Dialogue.From, Dialogue.Quit);
        Assert.Equal(["530 5.7.0", "235 2.7.0", "250 2.1.0", "221 2.0.0"], run.Codes);
    }

    [Theory]
    [InlineData("AUTH=<>", false, "")]
    [InlineData("AUTH=e+3Dmc2@example.com", true, "e=mc2@example.com")]
    [InlineData("AUTH=e+3Dmc2@example.com", false, "")]
    [InlineData("SIZE=1", true, null)]
    public async Task Submitter_is_told_by_who_has_authenticated(string parameter, bool authenticates, string? expected)
    {
        var handler = new AuthHandler();
        await Dialogue.PlayAsync(
            Cut.Whole, handler, Open, Dialogue.Ehlo, authenticates ? $"AUTH PLAIN {GoodPlain}\r\n" : "NOOP\r\n", $"MAIL FROM:<a@b.example> {parameter}\r\n", Dialogue.To, Dialogue.Begin, ".\r\n");
        Assert.Equal(expected, Assert.Single(handler.Transactions).Submitter);
    }

    [Theory]
    [InlineData("AUTH=")]
    [InlineData("AUTH")]
    [InlineData("AUTH=+0D+0A@example.com")]
    [InlineData("AUTH=a@b@c")]
    [InlineData("AUTH=<> AUTH=<>")]
    public async Task Malformed_submitter_is_refused(string parameter)
    {
        Dialogue run = await Dialogue.PlayAsync(Cut.Whole, new AuthHandler(), Open, Dialogue.Ehlo, $"MAIL FROM:<a@b.example> {parameter}\r\n", Dialogue.Quit);
        Assert.Equal(["501 5.5.4", "221 2.0.0"], run.Codes);
    }

    [Fact]
    public async Task Scram_runs_over_the_wire_and_a_hidden_offer_is_noticed()
    {
        var client = new ScramClient("tim", "pencil", "abc", new byte[] { 7 }, isPlus: false);
        var connection = new ScriptedConnection(Dialogue.Ehlo, $"AUTH SCRAM-SHA-256 {Convert.ToBase64String(client.Begin())}\r\n") { Security = "TLS", Binding = new byte[] { 7 } };
        var handler = new AuthHandler();
        Dialogue run = await Dialogue.RunAsync(connection, handler, Guarded);
        Assert.Equal(["535 5.7.8"], run.Codes);
        Assert.Equal(AuthenticationOutcome.Downgraded, Assert.Single(handler.Results).Outcome);
    }

    [Fact]
    public async Task Refused_token_counts_also_where_the_client_cancels()
    {
        string message = Convert.ToBase64String(Encoding.ASCII.GetBytes("user=tim\u0001auth=Bearer bad\u0001\u0001"));
        var handler = new AuthHandler();
        Dialogue run = await Dialogue.PlayAsync(Cut.Lines, handler, Open, Dialogue.Ehlo, $"AUTH XOAUTH2 {message}\r\n", "*\r\n", $"AUTH XOAUTH2 {message}\r\n", "\r\n", Dialogue.Quit);
        Assert.Equal(["334", "501 5.7.0", "334", "535 5.7.8", "221 2.0.0"], run.Codes);
        Assert.Equal([1, 2], handler.Results.Select(static result => result.Failures));
    }

    [Fact]
    public async Task Mechanism_that_does_not_exist_is_refused_by_name()
    {
        var session = new SmtpServerSession(new ScriptedConnection(), new AuthHandler(), Dialogue.Options with { Auth = new SmtpAuthOptions { Mechanisms = ["NTLM"] } });
        await Assert.ThrowsAsync<ArgumentException>(() => session.RunAsync(CancellationToken.None));
    }

    private sealed class AuthHandler : RecordingHandler
    {
        public TaskCompletionSource? Gate { get; init; }

        public bool IsBroken { get; init; }

        public Func<AuthenticationResult, SmtpReply>? OnEnd { get; init; }

        public List<AuthenticationResult> Results { get; } = [];

        public override async ValueTask<AuthenticationAnswer> OnAuthenticateAsync(SmtpServerSession session, AuthenticationRequest request, CancellationToken cancellationToken)
        {
            if (Gate is not null)
                await Gate.Task;
            if (IsBroken)
                return AuthenticationAnswer.Unavailable;
            return request.UserName == "tim" && request.Secret == "pencil" ? AuthenticationAnswer.Accept("tim") : AuthenticationAnswer.Rejected;
        }

        public override ValueTask<SmtpReply> OnAuthenticationEndAsync(SmtpServerSession session, AuthenticationResult result, CancellationToken cancellationToken)
        {
            Results.Add(result);
            return new(OnEnd?.Invoke(result) ?? default);
        }
    }
}
