using SlimtaFast.Mail;
using SlimtaFast.TestKit.Smtp;

namespace SlimtaFast.Protocol.Tests.Client;

public class ClientAuthenticationTests
{
    private static readonly SmtpCredentials Password = new("tim", "pencil") { AllowPlaintext = true };

    [Theory]
    [InlineData("AUTH LOGIN PLAIN", "AUTH PLAIN AHRpbQBwZW5jaWw=")]
    [InlineData("AUTH=PLAIN", "AUTH PLAIN AHRpbQBwZW5jaWw=")]
    [InlineData("AUTH NTLM GSSAPI plain", "AUTH PLAIN AHRpbQBwZW5jaWw=")]
    [InlineData("AUTH CRAM-MD5 PLAIN", "AUTH PLAIN AHRpbQBwZW5jaWw=")]
    public async Task Best_offered_mechanism_is_used(string offer, string command)
    {
        var server = new ScriptedServer { Extensions = ["PIPELINING", offer] }.On("AUTH", "235 2.7.0 Ok");
        var fixture = new ClientFixture(server, Options(Password));

        SmtpTransactionResult result = await fixture.OpenAndSendAsync();

        Assert.Equal(SmtpClientFailure.None, result.Failure);
        Assert.Equal(command, server.Commands[1]);
    }

    [Fact]
    public async Task Login_answers_two_challenges()
    {
        var server = new ScriptedServer { Extensions = ["AUTH LOGIN"] }.On("AUTH", "334 VXNlcm5hbWU6").On("DGLT", "334 UGFzc3dvcmQ6").On("CGVUY2LS", "235 2.7.0 Ok");
        var fixture = new ClientFixture(server, Options(Password));

        Assert.True((await fixture.Session.OpenAsync(CancellationToken.None)).IsPositive);
        Assert.Equal(["EHLO client.example", "AUTH LOGIN", "dGlt", "cGVuY2ls"], server.Commands);
    }

    // The example of RFC 2195 section 2.
    [Theory]
    [InlineData("AUTH CRAM-MD5", true)]
    [InlineData("AUTH LOGIN CRAM-MD5 PLAIN", false)]
    public async Task CramMd5_answers_the_challenge_where_nothing_better_may_be_used(string offer, bool allowPlaintext)
    {
        const string Answer = "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw";
        var server = new ScriptedServer { Extensions = [offer] }
            .On("AUTH", "334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+").On(Answer.ToUpperInvariant(), "235 2.7.0 Ok");
        var fixture = new ClientFixture(server, Options(new SmtpCredentials("tim", "tanstaaftanstaaf") { AllowPlaintext = allowPlaintext }));

        Assert.True((await fixture.Session.OpenAsync(CancellationToken.None)).IsPositive);
        Assert.Equal(["EHLO client.example", "AUTH CRAM-MD5", Answer], server.Commands);
    }

    [Fact]
    public async Task CramMd5_is_no_mechanism_for_a_token()
    {
        var server = new ScriptedServer { Extensions = ["AUTH CRAM-MD5"] };
        var fixture = new ClientFixture(server, Options(new SmtpCredentials("tim", "token") { IsToken = true, AllowPlaintext = true }));

        Assert.Equal(454, (await fixture.Session.OpenAsync(CancellationToken.None)).Code);
        Assert.Equal(["EHLO client.example"], server.Commands);
    }

    [Theory]
    [InlineData("AUTH PLAIN LOGIN", false)]
    [InlineData("AUTH NTLM", true)]
    [InlineData("SIZE", true)]
    public async Task Secret_is_not_shown_where_it_must_not_be(string offer, bool allowPlaintext)
    {
        var server = new ScriptedServer { Extensions = [offer] };
        var fixture = new ClientFixture(server, Options(new SmtpCredentials("tim", "pencil") { AllowPlaintext = allowPlaintext }));

        SmtpReply reply = await fixture.Session.OpenAsync(CancellationToken.None);

        Assert.Equal((454, SmtpClientStage.Authentication), (reply.Code, fixture.Session.FailedAt));
        Assert.False(fixture.Session.IsUsable);
        Assert.Equal(["EHLO client.example"], server.Commands);
    }

    [Fact]
    public async Task Refusal_is_the_servers_answer()
    {
        var server = new ScriptedServer { Extensions = ["AUTH PLAIN"] }.On("AUTH", "535 5.7.8 No");
        var fixture = new ClientFixture(server, Options(Password));

        SmtpReply reply = await fixture.Session.OpenAsync(CancellationToken.None);

        Assert.Equal("535 5.7.8 No", reply.ToString());
        Assert.Equal((SmtpClientFailure.None, SmtpClientStage.Authentication), (fixture.Session.Failure, fixture.Session.FailedAt));
        Assert.False(fixture.Session.IsUsable);
    }

    [Theory]
    [InlineData("AUTH SCRAM-SHA-256", "235 2.7.0 Ok")]
    [InlineData("AUTH SCRAM-SHA-256", "334 bm8=")]
    [InlineData("AUTH SCRAM-SHA-256", "334 cj1vdGhlcg")]
    [InlineData("AUTH CRAM-MD5", "235 2.7.0 Ok")]
    [InlineData("AUTH PLAIN", "334 aGVsbG8=")]
    [InlineData("AUTH PLAIN", "354 go on")]
    public async Task Server_that_proves_nothing_or_talks_nonsense_ends_the_session(string offer, string answer)
    {
        var server = new ScriptedServer { Extensions = [offer] }.On("AUTH", answer);
        var fixture = new ClientFixture(server, Options(Password));

        Assert.True((await fixture.Session.OpenAsync(CancellationToken.None)).IsNone);
        Assert.Equal((SmtpClientFailure.ProtocolError, SmtpClientStage.Authentication), (fixture.Session.Failure, fixture.Session.FailedAt));
    }

    [Fact]
    public async Task Reply_that_nothing_asked_for_keeps_the_secret_in()
    {
        var server = new ScriptedServer().On("EHLO", ScriptedServer.Raw + "250-x\r\n250 AUTH PLAIN\r\n235 2.7.0 Ok\r\n");
        var fixture = new ClientFixture(server, Options(Password));
        SmtpReply reply = await fixture.Session.OpenAsync(CancellationToken.None);
        Assert.False(fixture.Session.IsUsable, $"{reply}");
    }

    [Fact]
    public async Task Refused_token_is_answered_and_then_told()
    {
        var server = new ScriptedServer { Extensions = ["AUTH XOAUTH2 PLAIN"] }.On("AUTH", "334 e30=").On("", "535 5.7.8 Expired");
        var fixture = new ClientFixture(server, Options(new SmtpCredentials("tim", "token") { IsToken = true, AllowPlaintext = true }));

        SmtpReply reply = await fixture.Session.OpenAsync(CancellationToken.None);

        Assert.Equal("535 5.7.8 Expired", reply.ToString());
        Assert.Equal(["EHLO client.example", "AUTH XOAUTH2 dXNlcj10aW0BYXV0aD1CZWFyZXIgdG9rZW4BAQ==", ""], server.Commands);
    }

    [Fact]
    public async Task Secret_that_cannot_be_had_is_a_temporary_refusal_of_our_own()
    {
        var server = new ScriptedServer { Extensions = ["AUTH PLAIN"] };
        var credentials = new SmtpCredentials("tim", _ => throw new IOException("no such file")) { AllowPlaintext = true };
        var fixture = new ClientFixture(server, Options(credentials));

        SmtpReply reply = await fixture.Session.OpenAsync(CancellationToken.None);

        Assert.Equal(454, reply.Code);
        Assert.Contains("no such file", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_and_server_of_this_house_agree_on_every_mechanism()
    {
        foreach (string mechanism in SaslMechanisms.All.Where(static name => name != SaslMechanisms.ScramSha256Plus))
        {
            bool isToken = mechanism is SaslMechanisms.OAuthBearer or SaslMechanisms.XOAuth2;
            (TestKit.Connections.MemoryConnection near, TestKit.Connections.MemoryConnection far) = TestKit.Connections.MemoryConnection.CreatePair();
            var options = new SmtpServerOptions { Auth = new SmtpAuthOptions { Mechanisms = [mechanism], AllowPlaintext = true } };
            var serving = new SmtpServerSession(far, new TimHandler(), options);
            Task<SessionEndReason> run = serving.RunAsync(CancellationToken.None);
            var session = new SmtpClientSession(near, Options(new SmtpCredentials("tim", "pencil") { IsToken = isToken, AllowPlaintext = true }));

            SmtpReply reply = await session.OpenAsync(CancellationToken.None);
            Assert.True(reply.IsPositive, $"{mechanism}: {reply} {session.Problem}");
            Assert.Equal("tim", serving.Identity);
            await session.QuitAsync(CancellationToken.None);
            Assert.Equal(SessionEndReason.Quit, await run);
        }
    }

    private static SmtpClientOptions Options(SmtpCredentials credentials) => new() { HelloName = "client.example", Credentials = credentials };

    private sealed class TimHandler : Session.RecordingHandler
    {
        private static readonly ScramVerifier Verifier = ScramVerifier.Create("pencil", 4096);

        public override ValueTask<AuthenticationAnswer> OnAuthenticateAsync(SmtpServerSession session, AuthenticationRequest request, CancellationToken cancellationToken) =>
            new(request.UserName != "tim" ? AuthenticationAnswer.Rejected
                : request.Kind == AuthenticationRequestKind.Verifier ? AuthenticationAnswer.Verifier(Verifier)
                : request.Kind == AuthenticationRequestKind.Secret ? AuthenticationAnswer.Secret("pencil")
                : request.Secret == "pencil" ? AuthenticationAnswer.Accept("tim") : AuthenticationAnswer.Rejected);
    }
}
