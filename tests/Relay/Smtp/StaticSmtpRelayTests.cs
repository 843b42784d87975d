using System.Net;
using SlimtaFast.Mail;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Connections;
using SlimtaFast.TestKit.Smtp;

namespace SlimtaFast.Relay.Tests.Smtp;

public class StaticSmtpRelayTests
{
    [Fact]
    public async Task Attempt_accepted_message_is_delivered()
    {
        var server = new ScriptedServer();
        await using var fixture = new RelayFixture(server);
        DeliveryReport report = await fixture.SendAsync();
        Assert.Equal(new RecipientOutcome(OutcomeKind.Delivered, new SmtpReply(250, "2.0.0", "Ok: queued"), "[192.0.2.1]"), Assert.Single(report.Outcomes));
        Assert.Equal(HopCondition.Up, report.Hop);
        Assert.Equal(Contents.Text, Assert.Single(server.Messages).Text);
        Assert.Equal("192.0.2.1:2525", fixture.Relay.GetNextHop("anything.example"));
    }

    [Fact]
    public async Task Attempt_second_message_uses_the_idle_connection()
    {
        var server = new ScriptedServer();
        await using var fixture = new RelayFixture(server);
        await fixture.SendAsync();
        await fixture.SendAsync();
        Assert.Single(server.Connections);
        Assert.Equal(2, server.Messages.Count);
    }

    [Fact]
    public async Task Attempt_idle_connection_is_closed_with_quit_after_a_while()
    {
        var server = new ScriptedServer();
        await using var fixture = new RelayFixture(server);
        await fixture.SendAsync();
        fixture.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal("QUIT", server.Commands[^1]);
        await fixture.SendAsync();
        Assert.Equal(2, server.Connections.Count);
    }

    [Fact]
    public async Task Attempt_connection_has_carried_enough_is_closed_with_quit()
    {
        var server = new ScriptedServer();
        await using var fixture = new RelayFixture(server, new SmtpRelayOptions { MaxMessagesPerConnection = 2 });
        for (int i = 0; i < 5; i++)
            await fixture.SendAsync();
        Assert.Equal(3, server.Connections.Count);
        Assert.Equal(2, server.Commands.Count(static command => command == "QUIT"));
    }

    [Theory]
    [InlineData("DOT", "250 2.0.0 Ok" + ScriptedServer.Close)]
    [InlineData("DOT", "250 2.0.0 Ok\r\n421 4.4.2 Idle" + ScriptedServer.Close)]
    public async Task Attempt_idle_connection_that_the_server_closed_is_no_failure(string verb, string answer)
    {
        var server = new ScriptedServer().On(verb, answer);
        await using var fixture = new RelayFixture(server);
        await fixture.SendAsync();
        DeliveryReport report = await fixture.SendAsync();
        Assert.Equal(OutcomeKind.Delivered, report.Outcomes[0].Kind);
        Assert.Equal(2, server.Connections.Count);
        Assert.Equal(2, server.Messages.Count);
    }

    [Theory]
    [InlineData("421 4.4.2 Enough" + ScriptedServer.Close)]
    [InlineData(ScriptedServer.Close)]
    public async Task Attempt_reused_connection_refused_at_mail_is_tried_again_on_a_fresh_one(string answer)
    {
        var server = new ScriptedServer().On("MAIL", "250 2.1.0 Ok", answer, "250 2.1.0 Ok");
        await using var fixture = new RelayFixture(server);
        await fixture.SendAsync();
        DeliveryReport report = await fixture.SendAsync();
        Assert.Equal(OutcomeKind.Delivered, report.Outcomes[0].Kind);
        Assert.Equal(2, server.Connections.Count);
    }

    [Fact]
    public async Task Attempt_busy_connection_closed_without_a_word_is_reported_once_and_then_expected()
    {
        var server = new ScriptedServer { Extensions = ["PIPELINING", "CHUNKING"] }
            .On("MAIL", "250 Ok", ScriptedServer.Close, "250 Ok", ScriptedServer.Close, "250 Ok");
        await using var fixture = new RelayFixture(server);
        await fixture.SendAsync();
        // The whole message had left: nobody can tell whether the server has it.
        DeliveryReport lost = await fixture.SendAsync();
        Assert.Equal(OutcomeKind.Transient, lost.Outcomes[0].Kind);
        Assert.True(lost.PossiblyDelivered);
        await fixture.SendAsync();
        DeliveryReport report = await fixture.SendAsync();
        Assert.Equal(OutcomeKind.Delivered, report.Outcomes[0].Kind);
        Assert.False(report.PossiblyDelivered);
        Assert.Equal(3, server.Messages.Count);
    }

    [Fact]
    public async Task Attempt_connection_idle_for_long_keeps_the_content_until_a_recipient_is_accepted()
    {
        var server = new ScriptedServer { Extensions = ["PIPELINING", "CHUNKING"] }.On("MAIL", "250 Ok", ScriptedServer.Close, "250 Ok");
        await using var fixture = new RelayFixture(server);
        await fixture.SendAsync();
        fixture.Time.Advance(TimeSpan.FromSeconds(2));
        DeliveryReport report = await fixture.SendAsync();
        Assert.Equal(OutcomeKind.Delivered, report.Outcomes[0].Kind);
        Assert.Equal(2, server.Messages.Count);
    }

    [Fact]
    public async Task Attempt_nobody_listens_is_transient_and_the_hop_down()
    {
        await using var fixture = new RelayFixture();
        DeliveryReport report = await fixture.SendAsync();
        Assert.Equal(OutcomeKind.Transient, report.Outcomes[0].Kind);
        Assert.StartsWith("451 4.4.1 ", report.Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
        Assert.Equal(HopCondition.Down, report.Hop);
    }

    [Fact]
    public async Task Attempt_connect_takes_too_long_is_transient_and_the_hop_down()
    {
        await using var fixture = new RelayFixture();
        fixture.Network.Silent.Add(RelayFixture.EndPoint);
        Task<DeliveryReport> attempt = fixture.SendAsync();
        fixture.Time.Advance(TimeSpan.FromSeconds(30));
        DeliveryReport report = await attempt;
        Assert.StartsWith("451 4.4.1 ", report.Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
        Assert.Equal(HopCondition.Down, report.Hop);
    }

    [Theory]
    [InlineData("GREETING", "421 4.3.2 Busy", OutcomeKind.Transient, HopCondition.Busy)]
    [InlineData("GREETING", "554 5.7.1 No", OutcomeKind.Permanent, HopCondition.Up)]
    [InlineData("GREETING", ScriptedServer.Close, OutcomeKind.Transient, HopCondition.Down)]
    [InlineData("GREETING", "SSH-2.0-what", OutcomeKind.Transient, HopCondition.Down)]
    [InlineData("EHLO", "450 4.7.1 Later", OutcomeKind.Transient, HopCondition.Busy)]
    [InlineData("EHLO", ScriptedServer.Close, OutcomeKind.Transient, HopCondition.Down)]
    [InlineData("MAIL", ScriptedServer.Close, OutcomeKind.Transient, HopCondition.Up)]
    [InlineData("MAIL", "nonsense", OutcomeKind.Transient, HopCondition.Up)]
    [InlineData("MAIL", "421 4.3.2 Busy", OutcomeKind.Transient, HopCondition.Busy)]
    [InlineData("MAIL", "550 5.7.1 No", OutcomeKind.Permanent, HopCondition.Up)]
    [InlineData("RCPT", ScriptedServer.Close, OutcomeKind.Transient, HopCondition.Up)]
    [InlineData("RCPT", "550 5.1.1 No", OutcomeKind.Permanent, HopCondition.Up)]
    [InlineData("RCPT", "552 5.2.2 Mailbox full", OutcomeKind.Permanent, HopCondition.Up)]
    [InlineData("RCPT", "552 Too many recipients", OutcomeKind.Transient, HopCondition.Up)]
    [InlineData("RCPT", "452 4.2.2 Full", OutcomeKind.Transient, HopCondition.Up)]
    [InlineData("DATA", ScriptedServer.Close, OutcomeKind.Transient, HopCondition.Up)]
    [InlineData("DATA", "554 5.3.0 No", OutcomeKind.Permanent, HopCondition.Up)]
    [InlineData("DOT", ScriptedServer.Close, OutcomeKind.Transient, HopCondition.Up)]
    [InlineData("DOT", "552 5.3.4 Too big", OutcomeKind.Permanent, HopCondition.Up)]
    [InlineData("DOT", "nonsense", OutcomeKind.Transient, HopCondition.Up)]
    public async Task Attempt_failing_at_a_stage_ends_as_the_rfc_says(string verb, string answer, OutcomeKind kind, HopCondition hop)
    {
        var server = new ScriptedServer().On(verb, answer);
        await using var fixture = new RelayFixture(server);
        DeliveryReport report = await fixture.SendAsync();
        Assert.Equal(kind, report.Outcomes[0].Kind);
        Assert.Equal(hop, report.Hop);
        Assert.False(report.Outcomes[0].Reply.IsNone);
        Assert.Equal(verb == "DOT" && report.Outcomes[0].Reply.Code == 451, report.PossiblyDelivered);
        if (char.IsAsciiDigit(answer[0]))
            Assert.StartsWith(answer, $"{report.Outcomes[0].Reply.Code} {report.Outcomes[0].Reply.ToString()[4..]}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attempt_no_answer_to_mail_is_transient_and_the_hop_busy()
    {
        var server = new ScriptedServer().On("MAIL", ScriptedServer.Stall);
        await using var fixture = new RelayFixture(server);
        Task<DeliveryReport> attempt = fixture.SendAsync();
        Assert.StartsWith("MAIL", server.Commands[^1], StringComparison.Ordinal);
        fixture.Time.Advance(TimeSpan.FromMinutes(5));
        DeliveryReport report = await attempt;
        Assert.StartsWith("451 4.4.2 ", report.Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
        Assert.Equal((OutcomeKind.Transient, HopCondition.Busy), (report.Outcomes[0].Kind, report.Hop));
    }

    [Fact]
    public async Task Attempt_too_many_recipients_goes_on_in_further_transactions()
    {
        var server = new ScriptedServer { Extensions = [] }
            .On("RCPT", "250 Ok", "250 Ok", "452 4.5.3 Too many", "452 4.5.3 Too many", "250 Ok", "552 Too many", "550 5.1.1 Nobody");
        await using var fixture = new RelayFixture(server);
        DeliveryReport report = await fixture.SendAsync(to: ["a@x.example", "b@x.example", "c@x.example", "d@x.example"]);
        Assert.Equal([OutcomeKind.Delivered, OutcomeKind.Delivered, OutcomeKind.Delivered, OutcomeKind.Permanent], report.Outcomes.Select(static outcome => outcome.Kind));
        Assert.Equal(2, server.Messages.Count);
        Assert.Single(server.Connections);
    }

    [Fact]
    public async Task Attempt_host_name_is_looked_up_by_the_system()
    {
        var server = new ScriptedServer();
        var network = new MemoryTransport();
        server.Listen(network, new IPEndPoint(IPAddress.Loopback, 25));
        server.Listen(network, new IPEndPoint(IPAddress.IPv6Loopback, 25));
        await using var relay = new StaticSmtpRelay(
            network, "localhost", 25, new SmtpRelayOptions(), null, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<StaticSmtpRelay>.Instance);
        Envelope envelope = Envelopes.Make(Contents.InMemory());
        DeliveryReport report = await relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients), CancellationToken.None);
        Assert.Equal("localhost", report.Outcomes[0].RemoteName);
        Assert.Equal(OutcomeKind.Delivered, report.Outcomes[0].Kind);
    }

    [Fact]
    public async Task Attempt_cancelled_throws()
    {
        await using var fixture = new RelayFixture(new ScriptedServer().On("MAIL", ScriptedServer.Stall));
        using var source = new CancellationTokenSource();
        Envelope envelope = Envelopes.Make(Contents.InMemory());
        Task<DeliveryReport> attempt = fixture.Relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients), source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => attempt);
    }

    [Fact]
    public async Task Dispose_says_quit_to_idle_connections()
    {
        var server = new ScriptedServer();
        var fixture = new RelayFixture(server);
        await fixture.SendAsync();
        await fixture.DisposeAsync();
        Assert.Equal("QUIT", server.Commands[^1]);
    }
}
