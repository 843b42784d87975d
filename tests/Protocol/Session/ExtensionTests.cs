using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Mail;
using SlimtaFast.TestKit.Connections;
using static SlimtaFast.Protocol.Tests.Session.Dialogue;

namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>What a session offers, and what it takes of it.</summary>
public class ExtensionTests
{
    [Fact]
    public async Task Ehlo_lists_what_is_on_by_default()
    {
        Dialogue run = await PlayAsync(Cut.Whole, Ehlo, Quit);

        Assert.Contains(
            "250-PIPELINING\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250-CHUNKING\r\n250-DSN\r\n"
            + "250-BINARYMIME\r\n250-DELIVERBY\r\n250-MT-PRIORITY\r\n250-LIMITS RCPTMAX=1000\r\n250 HELP\r\n",
            run.Connection.Answers.Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ehlo_lists_what_is_configured()
    {
        SmtpServerOptions options = Options with
        {
            BinaryMime = false,
            MtPriority = false,
            DeliverByLeast = TimeSpan.FromMinutes(2),
            MaxRecipients = 100,
            MaxMessagesPerSession = 5,
            MaxDomainsPerMessage = 3,
        };

        Dialogue run = await PlayAsync(Cut.Whole, new RecordingHandler(), options, Ehlo, "MAIL FROM:<> BODY=BINARYMIME\r\n", "MAIL FROM:<> MT-PRIORITY=1\r\n", Quit);

        Assert.Contains("250-DSN\r\n250-DELIVERBY 120\r\n250-LIMITS MAILMAX=5 RCPTMAX=100 RCPTDOMAINMAX=3\r\n250 HELP\r\n", run.Connection.Answers.Text, StringComparison.Ordinal);
        Assert.Equal(["501 5.5.4", "555 5.5.4", "221 2.0.0"], run.Codes);
    }

    [Fact]
    public async Task Nothing_of_it_can_be_turned_on_by_a_client_where_it_is_off()
    {
        SmtpServerOptions options = Options with { BinaryMime = false, MtPriority = false, DeliverBy = false, Limits = false };

        Dialogue run = await PlayAsync(Cut.Whole, new RecordingHandler(), options, Ehlo, "MAIL FROM:<> BY=120;R\r\n", "MAIL FROM:<> HOLDFOR=1\r\n", Quit);

        Assert.Contains("250-DSN\r\n250 HELP\r\n", run.Connection.Answers.Text, StringComparison.Ordinal);
        Assert.Equal(["555 5.5.4", "555 5.5.4", "221 2.0.0"], run.Codes);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task Terms_come_with_the_transaction(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, Ehlo, "MAIL FROM:<a@b.example> BY=120;NT MT-PRIORITY=-3\r\n", To, Begin, "x\r\n.\r\n", From, To, Begin, "y\r\n.\r\n", Quit);

        DeliveryTerms terms = run.Handler.Transactions[0].Terms!;
        Assert.Equal((DeliverByMode.Notify, true, -3), (terms.By!.Mode, terms.By.Trace, terms.Priority));
        Assert.Null(run.Handler.Transactions[1].Terms);
    }

    [Fact]
    public async Task A_deadline_shorter_than_announced_is_refused_only_where_the_message_would_be_returned()
    {
        Dialogue run = await PlayAsync(
            Cut.Whole, new RecordingHandler(), Options with { DeliverByLeast = TimeSpan.FromMinutes(2) }, Ehlo, "MAIL FROM:<> BY=119;R\r\n", "MAIL FROM:<> BY=119;N\r\n", Quit);

        Assert.Equal(["501 5.5.4", "250 2.1.0", "221 2.0.0"], run.Codes);
    }

    [Fact]
    public async Task Messages_are_held_only_for_those_whom_the_handler_lets()
    {
        SmtpServerOptions options = Options with { FutureRelease = TimeSpan.FromDays(7) };
        string[] script = [Ehlo, "MAIL FROM:<a@b.example> HOLDFOR=60\r\n", "RSET\r\n", "MAIL FROM:<> HOLDFOR=604801\r\n", Quit];

        Dialogue stranger = await PlayAsync(Cut.Whole, new RecordingHandler(), options, script);
        Dialogue trusted = await PlayAsync(Cut.Whole, new TrustingHandler(), options, script);

        Assert.DoesNotContain("FUTURERELEASE", stranger.Connection.Answers.Text, StringComparison.Ordinal);
        Assert.Equal(["555 5.5.4", "250 2.0.0", "555 5.5.4", "221 2.0.0"], stranger.Codes);
        Assert.Equal(["250 2.1.0", "250 2.0.0", "501 5.5.4", "221 2.0.0"], trusted.Codes);
    }

    [Fact]
    public async Task Holding_is_announced_to_those_who_may_still_authenticate()
    {
        SmtpServerOptions options = Options with { FutureRelease = TimeSpan.FromDays(7), Auth = new SmtpAuthOptions { Mechanisms = ["PLAIN"], AllowPlaintext = true } };

        Dialogue run = await PlayAsync(Cut.Whole, new RecordingHandler(), options, [Ehlo, Quit]);

        Assert.Contains("250-FUTURERELEASE 604800 ", run.Connection.Answers.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ehlo_tells_until_when_messages_are_held()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 14, 15, 9, 26, TimeSpan.Zero));
        var connection = new ScriptedConnection([System.Text.Encoding.ASCII.GetBytes(Ehlo + "EHLO again\r\n" + Quit)]);

        await new SmtpServerSession(connection, new TrustingHandler(), Options with { FutureRelease = TimeSpan.FromDays(7) }, time).RunAsync(CancellationToken.None);

        Assert.Equal(3, connection.Answers.Text.Split("250-FUTURERELEASE 604800 2026-03-21T15:09:26Z\r\n250 HELP\r\n").Length);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task Binary_content_is_any_octets_and_needs_chunks(Cut cut)
    {
        Dialogue run = await PlayAsync(
            cut, Ehlo, "MAIL FROM:<a@b.example> BODY=BINARYMIME\r\n", To, Begin, "BDAT 6\r\na\0\n.\r\r", "BDAT 4 LAST\r\n\nb\u00ff\r", Quit);

        Assert.Equal(["250 2.1.0", "250 2.1.5", "503 5.5.1", "250 2.0.0", "250 2.0.0", "221 2.0.0"], run.Codes);
        Assert.Equal(["a\0\n.\r\r\nb\u00ff\r"], run.Handler.Messages);
        Assert.Equal(ContentTraits.Nul | ContentTraits.BareLineEnd | ContentTraits.EightBit | ContentTraits.NoFinalLineEnd, run.Handler.Traits[0] & ~ContentTraits.LeadingDot);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task What_binary_content_may_hold_the_next_message_may_not(Cut cut)
    {
        Dialogue run = await PlayAsync(
            cut, Ehlo, "MAIL FROM:<a@b.example> BODY=BINARYMIME\r\n", To, "BDAT 2 LAST\r\na\n", From, To, "BDAT 2 LAST\r\na\n", "MAIL FROM:<a@b.example> BODY=8BITMIME\r\n", To, "BDAT 3 LAST\r\n\0\r\n", Quit);

        Assert.Equal(["250 2.1.0", "250 2.1.5", "250 2.0.0", "250 2.1.0", "250 2.1.5", "550 5.6.11", "250 2.1.0", "250 2.1.5", "550 5.6.0", "221 2.0.0"], run.Codes);
    }

    [Fact]
    public async Task Binary_content_has_the_size_limit_of_any()
    {
        Dialogue run = await PlayAsync(
            Cut.Whole, new RecordingHandler(), Options with { MaxMessageSize = 3 }, Ehlo, "MAIL FROM:<> BODY=BINARYMIME\r\n", To, "BDAT 4 LAST\r\n\n\n\n\n", Quit);

        Assert.Equal(["250 2.1.0", "250 2.1.5", "552 5.3.4", "221 2.0.0"], run.Codes);
    }

    [Fact]
    public async Task A_session_ends_after_as_many_messages_as_it_may_bring()
    {
        SmtpServerOptions options = Options with { MaxMessagesPerSession = 2 };

        Dialogue run = await PlayAsync(Cut.Whole, new RecordingHandler(), options, Ehlo, From, To, Begin, "x\r\n.\r\n", From, "RSET\r\n", From, Quit);

        Assert.Equal(["250 2.1.0", "250 2.1.5", "354", "250 2.0.0", "250 2.1.0", "250 2.0.0", "421 4.5.3"], run.Codes);
        Assert.Equal(SessionEndReason.TooManyMessages, run.End);
    }

    [Fact]
    public async Task Recipient_domains_are_counted_in_any_order()
    {
        SmtpServerOptions options = Options with { MaxDomainsPerMessage = 2 };
        string[] recipients = ["a@x.example", "b@Y.example", "c@X.EXAMPLE", "d@y.example", "e@z.example", "f@x.example"];
        var handler = new RecordingHandler();

        Dialogue run = await PlayAsync(
            Cut.Whole, handler, options, [Ehlo, From, .. recipients.Select(address => $"RCPT TO:<{address}>\r\n"), "RSET\r\n", From, "RCPT TO:<e@z.example>\r\n", Quit]);

        Assert.Equal(
            ["250 2.1.0", "250 2.1.5", "250 2.1.5", "250 2.1.5", "250 2.1.5", "452 4.5.3", "250 2.1.5", "250 2.0.0", "250 2.1.0", "250 2.1.5", "221 2.0.0"], run.Codes);
        Assert.Equal([RefusalReason.TooManyDomains], handler.Refusals);
    }

    private sealed class TrustingHandler : RecordingHandler
    {
        public override bool MayHold(SmtpServerSession session) => true;
    }
}
