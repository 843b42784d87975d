using System.Net;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Smtp;
using SlimtaFast.TestKit.Tls;

namespace SlimtaFast.Protocol.Tests.Client;

/// <summary>The client's side of STARTTLS and implicit TLS, over real sockets.</summary>
public sealed class TlsClientTests : IAsyncLifetime, IDisposable
{
    private readonly TestCertificates _authority = new();
    private ITransport? _transport;

    private TlsServerSettings Tls => field ??= new TlsServerSettings { Certificates = new TlsCertificates(_authority.Issue("hop.example")) };

    private SmtpClientTls Verified => field ??= new SmtpClientTls { Policy = SmtpTlsPolicy.Verified, Authorities = _authority.Authorities };

    public Task InitializeAsync()
    {
        _transport = Transports.Create(new TransportOptions { Reactors = 1 }, TimeProvider.System);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _transport!.DisposeAsync();

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Message_goes_under_tls_after_another_hello(bool isImplicit)
    {
        var server = new ScriptedServer { Tls = Tls, ImplicitTls = isImplicit };
        await using SmtpClientSession session = await ConnectAsync(server, Verified with { Implicit = isImplicit });
        SmtpReply reply = await session.OpenAsync(default);
        Assert.True(reply.IsPositive, session.Problem);
        Assert.True(session.Connection.TlsFacts!.IsPeerVerified);
        Assert.False(session.Extensions.StartTls);
        Assert.True(session.Extensions.Pipelining);
        MessageContent content = Contents.InMemory();
        Envelope envelope = Envelopes.Make(content);
        SmtpTransactionResult result = await session.SendAsync(envelope, envelope.Recipients, false, default);
        Assert.True(result.Replies[0].Reply.IsPositive);
        content.Release();
        Assert.False(session.HasEnded());
        string[] start = isImplicit ? ["EHLO localhost"] : ["EHLO localhost", "STARTTLS", "EHLO localhost"];
        Assert.Equal(start, server.Commands.Take(start.Length));
        Assert.Single(server.Messages);
    }

    [Theory]
    [InlineData("220 2.0.0 Go ahead\r\n250-hop.example\r\n250 AUTH PLAIN")]
    [InlineData("220 2.0.0 Go ahead\r\nx")]
    public async Task Octets_behind_the_answer_fail_the_session(string answer)
    {
        var server = new ScriptedServer { Tls = Tls }.On("STARTTLS", answer);
        await using SmtpClientSession session = await ConnectAsync(server, new SmtpClientTls());
        Assert.True((await session.OpenAsync(default)).IsNone);
        Assert.Equal(SmtpClientFailure.ProtocolError, session.Failure);
        Assert.Equal(SmtpClientStage.Tls, session.FailedAt);
    }

    [Fact]
    public async Task Handshake_fails_session_says_so()
    {
        foreach (string answer in new[] { "220 2.0.0 Go ahead" + ScriptedServer.Close })
        {
            var server = new ScriptedServer { Tls = Tls }.On("STARTTLS", answer);
            await using SmtpClientSession session = await ConnectAsync(server, new SmtpClientTls());
            Assert.True((await session.OpenAsync(default)).IsNone);
            Assert.Equal((SmtpClientFailure.TlsFailed, SmtpClientStage.Tls), (session.Failure, session.FailedAt));
        }
    }

    [Theory]
    [InlineData(SmtpTlsPolicy.Opportunistic, true)]
    [InlineData(SmtpTlsPolicy.Required, false)]
    [InlineData(SmtpTlsPolicy.Verified, false)]
    public async Task Server_without_tls_serves_only_who_does_not_need_it(SmtpTlsPolicy policy, bool isOpen)
    {
        foreach (ScriptedServer server in new[]
        {
            new ScriptedServer(),
            new ScriptedServer { Tls = Tls }.On("STARTTLS", "454 4.7.0 TLS not available"),
            new ScriptedServer().On("EHLO", "502 5.5.1 No"),
        })
        {
            await using SmtpClientSession session = await ConnectAsync(server, new SmtpClientTls { Policy = policy });
            Assert.Equal(isOpen, (await session.OpenAsync(default)).IsPositive);
            Assert.Equal(isOpen ? SmtpClientFailure.None : SmtpClientFailure.TlsUnavailable, session.Failure);
        }
    }

    [Fact]
    public async Task Tls_is_left_out_where_it_is_off()
    {
        var server = new ScriptedServer { Tls = Tls };
        await using SmtpClientSession session = await ConnectAsync(server, SmtpClientTls.Off);
        Assert.True((await session.OpenAsync(default)).IsPositive);
        Assert.Null(session.Connection.Tls);
        Assert.DoesNotContain("STARTTLS", server.Commands);
    }

    [Fact]
    public async Task Certificate_for_another_name_fails_a_verified_session_only()
    {
        var server = new ScriptedServer { Tls = Tls };
        await using SmtpClientSession wrong = await ConnectAsync(server, Verified, "other.example");
        Assert.True((await wrong.OpenAsync(default)).IsNone);
        Assert.Equal(SmtpClientFailure.TlsFailed, wrong.Failure);
        Assert.Contains("another name", wrong.Problem, StringComparison.Ordinal);
        await using SmtpClientSession unchecking = await ConnectAsync(server, new SmtpClientTls { Policy = SmtpTlsPolicy.Required }, "other.example");
        Assert.True((await unchecking.OpenAsync(default)).IsPositive);
        Assert.NotNull(unchecking.Connection.Tls);
    }

    private async Task<SmtpClientSession> ConnectAsync(ScriptedServer server, SmtpClientTls tls, string name = "hop.example")
    {
        IListener listener = server.Listen(_transport!, new IPEndPoint(IPAddress.Loopback, 0));
        Connection connection = await _transport!.ConnectAsync(listener.LocalEndPoint, null, default);
        return new SmtpClientSession(connection, new SmtpClientOptions { Tls = tls }, name);
    }
}
