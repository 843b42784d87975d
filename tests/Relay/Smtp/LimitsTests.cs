using FsCheck.Xunit;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Relay.Smtp;
using SlimtaFast.TestKit.Smtp;

namespace SlimtaFast.Relay.Tests.Smtp;

/// <summary>The limits that a next hop announces (RFC 9422) are kept.</summary>
public class LimitsTests
{
    private static readonly string[] Five = ["a@x.example", "b@x.example", "c@x.example", "d@x.example", "e@x.example"];

    [Theory]
    [InlineData("RCPTMAX=2", 3, 1)]
    [InlineData("RCPTMAX=5", 1, 1)]
    [InlineData("RCPTMAX=1 MAILMAX=100", 5, 1)]
    [InlineData("RCPTMAX=1 MAILMAX=2", 5, 3)]
    [InlineData("RCPTMAX=2 MAILMAX=1", 3, 3)]
    [InlineData("MAILMAX=1", 1, 1)]
    public async Task Attempt_is_split_into_transactions_and_connections(string limits, int transactions, int connections)
    {
        var server = new ScriptedServer { Extensions = ["PIPELINING", "8BITMIME", "LIMITS " + limits] };
        await using var fixture = new RelayFixture(server);

        DeliveryReport report = await fixture.SendAsync(to: Five);

        Assert.Equal(5, report.Outcomes.Count(static outcome => outcome.Kind == OutcomeKind.Delivered));
        Assert.Equal(transactions, server.Messages.Count);
        Assert.Equal(connections, server.Connections.Count);
        Assert.Equal(Five.Select(static address => $"RCPT TO:<{address}>"), server.Commands.Where(static command => command.StartsWith("RCPT", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("RCPTMAX=1")]
    [InlineData("RCPTMAX=1 MAILMAX=1")]
    public async Task Attempt_that_is_broken_off_keeps_what_earlier_transactions_reached(string limits)
    {
        using var cancel = new CancellationTokenSource();
        var server = new ScriptedServer { Extensions = ["LIMITS " + limits] };
        server.On("DOT", "250 2.0.0 Ok", ScriptedServer.Stall);
        await using var fixture = new RelayFixture(server);

        Task<DeliveryReport> sending = fixture.SendAsync(cancel.Token, to: Five[..3]);
        while (server.Messages.Count < 2)
            await Task.Yield();
        await cancel.CancelAsync();
        DeliveryReport report = await sending;

        Assert.Equal([OutcomeKind.Delivered, OutcomeKind.Transient, OutcomeKind.Transient], report.Outcomes.Select(static outcome => outcome.Kind));
        Assert.True(report.PossiblyDelivered);
    }

    [Fact]
    public async Task Attempt_closes_a_connection_that_has_carried_what_it_may()
    {
        var server = new ScriptedServer { Extensions = ["LIMITS MAILMAX=2"] };
        await using var fixture = new RelayFixture(server);

        for (int i = 0; i < 5; i++)
            await fixture.SendAsync();

        Assert.Equal(3, server.Connections.Count);
        Assert.Equal(2, server.Commands.Count(static command => command == "QUIT"));
    }

    [Fact]
    public async Task Attempt_keeps_domains_apart_where_the_server_wants_it()
    {
        var server = new ScriptedServer { Extensions = ["LIMITS RCPTDOMAINMAX=1"] };
        await using var fixture = new RelayFixture(server);

        await fixture.SendAsync(to: ["a@x.example", "b@y.example", "c@X.example"]);

        Assert.Equal(
            ["MAIL", "RCPT TO:<a@x.example>", "RCPT TO:<c@X.example>", "DATA", "MAIL", "RCPT TO:<b@y.example>", "DATA"],
            server.Commands.Skip(1).Select(static command => command.StartsWith("MAIL", StringComparison.Ordinal) ? "MAIL" : command));
    }

    [Fact]
    public async Task Attempt_that_breaks_leaves_the_rest_for_later()
    {
        var server = new ScriptedServer { Extensions = ["LIMITS RCPTMAX=2"] }.On("DOT", "250 2.0.0 Ok", ScriptedServer.Close);
        await using var fixture = new RelayFixture(server);

        DeliveryReport report = await fixture.SendAsync(to: Five);

        Assert.Equal(
            [OutcomeKind.Delivered, OutcomeKind.Delivered, OutcomeKind.Transient, OutcomeKind.Transient, OutcomeKind.Transient],
            report.Outcomes.Select(static outcome => outcome.Kind));
        Assert.True(report.PossiblyDelivered);
    }

    [Fact]
    public async Task Attempt_refused_as_a_whole_is_refused_once()
    {
        var server = new ScriptedServer { Extensions = ["LIMITS RCPTMAX=2"] }.On("MAIL", "550 5.7.1 Not from you");
        await using var fixture = new RelayFixture(server);

        DeliveryReport report = await fixture.SendAsync(to: Five);

        Assert.All(report.Outcomes, static outcome => Assert.Equal("550 5.7.1 Not from you", outcome.Reply.ToString()));
        Assert.Single(server.Commands, static command => command.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Attempt_without_limits_needs_no_second_transaction()
    {
        var server = new ScriptedServer { Extensions = ["LIMITS RCPTMAX=0 MAILMAX=none"] };
        await using var fixture = new RelayFixture(server);

        await fixture.SendAsync(to: Five);

        Assert.Single(server.Messages);
    }

    [Theory]
    [InlineData("j\u00fcrgen@x.example")]
    [InlineData("b@x.example", "j\u00fcrgen@x.example", "c@x.example")]
    public async Task Attempt_refuses_only_recipients_that_need_smtputf8(params string[] to)
    {
        var server = new ScriptedServer { Extensions = ["8BITMIME"] };
        await using var fixture = new RelayFixture(server);

        DeliveryReport report = await fixture.SendAsync(to: to);

        for (int i = 0; i < to.Length; i++)
        {
            bool isRefused = !System.Text.Ascii.IsValid(to[i]);
            Assert.Equal(isRefused ? OutcomeKind.Permanent : OutcomeKind.Delivered, report.Outcomes[i].Kind);
            Assert.Equal(isRefused ? "5.6.7" : "2.0.0", report.Outcomes[i].Reply.Status.ToString());
        }

        Assert.Equal(to.Length == 1 ? 0 : 1, server.Messages.Count);
    }

    [Property(MaxTest = 500)]
    public void Take_serves_each_recipient_once_and_keeps_the_limits(byte[] domains, byte recipientMost, byte domainMost)
    {
        Recipient[] recipients = [.. domains.Select(static (domain, i) => new Recipient(Mailbox.Parse($"u{i}@d{domain % 5}.example")))];
        var limits = new SmtpLimits(0, recipientMost % 4, domainMost % 3);
        List<int>? left = null;
        List<int> served = [];
        for (int round = 0; recipients.Length > 0 && (round == 0 || left is not null); round++)
        {
            List<int>? batch = RecipientBatch.Take(recipients, left, limits, out left);
            IReadOnlyList<Recipient> picked = RecipientBatch.Pick(recipients, batch);
            Assert.NotEmpty(picked);
            Assert.True(limits.Recipients == 0 || picked.Count <= limits.Recipients);
            Assert.True(limits.Domains == 0 || picked.Select(static one => one.Address.GetRoutingDomain()).Distinct().Count() <= limits.Domains);
            served.AddRange(batch ?? [.. Enumerable.Range(0, recipients.Length)]);
        }

        Assert.Equal(Enumerable.Range(0, recipients.Length), served.Order());
    }
}
