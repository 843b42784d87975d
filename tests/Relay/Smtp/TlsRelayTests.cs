using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Smtp;
using SlimtaFast.TestKit.Tls;

namespace SlimtaFast.Relay.Tests.Smtp;

/// <summary>The TLS policies of a relay, over real sockets.</summary>
public sealed class TlsRelayTests : IAsyncDisposable
{
    private readonly ITransport _transport = Transports.Create(new TransportOptions { Reactors = 1 }, TimeProvider.System);
    private readonly TestCertificates _authority = new();
    private readonly FakeTimeProvider _time = new();

    private TlsServerSettings Tls => field ??= new TlsServerSettings { Certificates = new TlsCertificates(_authority.Issue("127.0.0.1")) };

    public async ValueTask DisposeAsync()
    {
        await _transport.DisposeAsync();
        _authority.Dispose();
    }

    [Fact]
    public async Task Tls_is_used_where_it_is_offered_and_reported()
    {
        var server = new ScriptedServer { Tls = Tls };
        await using IListener listener = Listen(server);
        await using StaticSmtpRelay relay = Make(listener, new SmtpClientTls());
        for (int i = 0; i < 3; i++)
        {
            RecipientOutcome outcome = await SendAsync(relay);
            Assert.Equal(OutcomeKind.Delivered, outcome.Kind);
            Assert.StartsWith("TLSv1.3 ", outcome.Tls, StringComparison.Ordinal);
        }

        Assert.Single(server.Connections);
    }

    [Fact]
    public async Task Broken_tls_is_gone_around_in_clear_and_remembered_for_a_while()
    {
        var server = new ScriptedServer { Tls = Tls }.On("STARTTLS", "220 2.0.0 Go ahead" + ScriptedServer.Close);
        await using IListener listener = Listen(server);
        await using StaticSmtpRelay relay = Make(listener, new SmtpClientTls(), idle: TimeSpan.Zero);
        for (int i = 0; i < 3; i++)
        {
            RecipientOutcome outcome = await SendAsync(relay);
            Assert.Equal(OutcomeKind.Delivered, outcome.Kind);
            Assert.Null(outcome.Tls);
        }

        Assert.Equal(4, server.Connections.Count);
        Assert.Single(server.Commands, "STARTTLS");
        _time.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal(OutcomeKind.Delivered, (await SendAsync(relay)).Kind);
        Assert.Equal(2, server.Commands.Count(command => command == "STARTTLS"));
    }

    [Theory]
    [InlineData(SmtpTlsPolicy.Required)]
    [InlineData(SmtpTlsPolicy.Verified)]
    public async Task Mail_waits_where_tls_is_wanted_and_cannot_be_had(SmtpTlsPolicy policy)
    {
        var server = new ScriptedServer();
        await using IListener listener = Listen(server);
        await using StaticSmtpRelay relay = Make(listener, new SmtpClientTls { Policy = policy });
        RecipientOutcome outcome = await SendAsync(relay);
        Assert.Equal(OutcomeKind.Transient, outcome.Kind);
        Assert.Equal(new EnhancedStatus(4, 7, 4), outcome.Reply.Status);
        Assert.Empty(server.Messages);
    }

    [Fact]
    public async Task Certificate_is_checked_where_that_is_asked()
    {
        var server = new ScriptedServer { Tls = Tls };
        await using IListener listener = Listen(server);
        await using StaticSmtpRelay trusting = Make(listener, new SmtpClientTls { Policy = SmtpTlsPolicy.Verified, Authorities = _authority.Authorities });
        Assert.Equal(OutcomeKind.Delivered, (await SendAsync(trusting)).Kind);

        using var stranger = new TestCertificates();
        await using StaticSmtpRelay doubting = Make(listener, new SmtpClientTls { Policy = SmtpTlsPolicy.Verified, Authorities = stranger.Authorities });
        RecipientOutcome outcome = await SendAsync(doubting);
        Assert.Equal(OutcomeKind.Transient, outcome.Kind);
        Assert.Equal(new EnhancedStatus(4, 7, 5), outcome.Reply.Status);
        Assert.Single(server.Messages);
    }

    [Fact]
    public async Task Implicit_tls_never_falls_back()
    {
        var server = new ScriptedServer { Tls = Tls, ImplicitTls = true };
        await using (IListener listener = Listen(server))
        {
            await using StaticSmtpRelay relay = Make(listener, new SmtpClientTls { Implicit = true });
            Assert.NotNull((await SendAsync(relay)).Tls);
        }

        var clear = new ScriptedServer();
        await using IListener other = Listen(clear);
        await using StaticSmtpRelay refused = Make(other, new SmtpClientTls { Implicit = true });
        Assert.Equal(OutcomeKind.Transient, (await SendAsync(refused)).Kind);
        Assert.Empty(clear.Messages);
    }

    private IListener Listen(ScriptedServer server) => server.Listen(_transport, new IPEndPoint(IPAddress.Loopback, 0));

    private StaticSmtpRelay Make(IListener listener, SmtpClientTls tls, TimeSpan? idle = null) => new(
        _transport,
        "127.0.0.1",
        ((IPEndPoint)listener.LocalEndPoint).Port,
        new SmtpRelayOptions { Client = new SmtpClientOptions { Tls = tls }, IdleTimeout = idle ?? TimeSpan.FromSeconds(10) },
        null,
        _time,
        NullLogger<StaticSmtpRelay>.Instance);

    private static async Task<RecipientOutcome> SendAsync(StaticSmtpRelay relay)
    {
        MessageContent content = Contents.InMemory();
        Envelope envelope = Envelopes.Make(content);
        DeliveryReport report = await relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients), CancellationToken.None);
        content.Release();
        return report.Outcomes[0];
    }
}
