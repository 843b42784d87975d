using System.Text;
using MimeKit;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;
using SlimtaFast.Relay;
using SlimtaFast.TestKit;

namespace SlimtaFast.Queue.Tests.Bounces;

public class ReportTests
{
    [Fact]
    public void Refused_recipient_is_reported_to_the_sender_with_everything_rfc_3464_asks_for()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = Bounce(Replies.Never);
        Envelope envelope = fixture.Envelope(to: "bob@example.net") with { EnvelopeId = "QQ314159" };
        envelope = envelope with { Recipients = [envelope.Recipients[0] with { OriginalRecipient = "rfc822;Bob@Example.net" }] };
        fixture.Enqueue(envelope);

        ScriptedRelay.Attempt attempt = Assert.Single(Reports(fixture));
        Assert.Equal("alice@example.com", attempt.To);
        MimeMessage message = Parse(attempt);
        Assert.Equal("auto-replied", message.Headers["Auto-Submitted"]);
        Assert.Equal("MAILER-DAEMON@mx.example.org", message.From.Mailboxes.Single().Address);
        Assert.Equal("alice@example.com", message.To.Mailboxes.Single().Address);
        Assert.Equal(fixture.Time.GetUtcNow(), message.Date);
        Assert.NotEmpty(message.MessageId!);

        var report = Assert.IsType<MultipartReport>(message.Body);
        Assert.Equal("delivery-status", report.ReportType);
        Assert.Contains("bob@example.net", Assert.IsType<TextPart>(report[0]).Text, StringComparison.Ordinal);
        HeaderListCollection groups = Assert.IsType<MessageDeliveryStatus>(report[1]).StatusGroups;
        Assert.Equal(2, groups.Count);
        Assert.Equal("dns; mx.example.org", groups[0]["Reporting-MTA"]);
        Assert.Equal("QQ314159", groups[0]["Original-Envelope-Id"]);
        Assert.Equal("Sat, 14 Mar 2026 15:09:26 +0000", groups[0]["Arrival-Date"]);
        Assert.Equal("rfc822; Bob@Example.net", groups[1]["Original-Recipient"]);
        Assert.Equal("rfc822; bob@example.net", groups[1]["Final-Recipient"]);
        Assert.Equal("failed", groups[1]["Action"]);
        Assert.Equal("5.1.1", groups[1]["Status"]);
        Assert.Equal("dns; mx.example.net", groups[1]["Remote-MTA"]);
        Assert.Equal("smtp; 550 5.1.1 No such user", groups[1]["Diagnostic-Code"]);
        Assert.Equal("Sat, 14 Mar 2026 15:09:26 +0000", groups[1]["Last-Attempt-Date"]);
        var returned = Assert.IsType<MessagePart>(report[2]);
        Assert.Equal("hello", returned.Message!.Subject);
    }

    [Fact]
    public void Report_and_the_closing_of_the_recipient_are_one_commit()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = Bounce(Replies.Never);
        fixture.Enqueue("bob@example.net");
        Assert.Equal(["write", "update", "update"], fixture.Storage.Done);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Whole_message_is_returned_octet_for_octet()
    {
        byte[] original = Encoding.UTF8.GetBytes("Subject: grüße\r\nX-Odd : 1\r\n\r\n.dot\r\n\r\n--boundary?\r\nEnde ü\r\n");
        using var fixture = new QueueFixture();
        fixture.Relay.Script = Bounce(Replies.Never);
        fixture.Enqueue(fixture.Envelope(to: "bob@example.net") with { Content = Contents.InMemory(original) });
        ScriptedRelay.Attempt attempt = Assert.Single(Reports(fixture));
        Assert.True(attempt.Bytes.AsSpan().IndexOf(original) > 0);
        Assert.Equal(BodyType.EightBitMime, attempt.Envelope.Body);
        Assert.True(attempt.Envelope.Content.Traits.HasFlag(ContentTraits.EightBit));
    }

    [Theory]
    [InlineData(DsnReturn.Headers, 10)]
    [InlineData(DsnReturn.Unspecified, 200_000)]
    [InlineData(DsnReturn.Full, 200_000)]
    public void Headers_only_are_returned_where_asked_for_or_the_message_is_long(DsnReturn what, int length)
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = Bounce(Replies.Never);
        string text = "Subject: hello\r\nX-Folded: a\r\n b\r\n\r\n" + string.Concat(Enumerable.Repeat("0123456789\r\n", length / 10));
        fixture.Enqueue(fixture.Envelope(to: "bob@example.net") with { Content = Contents.InMemory(text), Return = what });
        MultipartReport report = Report(Assert.Single(Reports(fixture)));
        Assert.Equal("text/rfc822-headers", report[2].ContentType.MimeType);
        Assert.DoesNotContain("0123456789", report[2].ToString(), StringComparison.Ordinal);
        Assert.Contains("X-Folded: a\r\n b", Encoding.ASCII.GetString(Reports(fixture)[0].Bytes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DsnNotify.Never)]
    [InlineData(DsnNotify.Success)]
    [InlineData(DsnNotify.Delay)]
    [InlineData(DsnNotify.Success | DsnNotify.Delay)]
    public void Failure_is_not_reported_where_not_asked_for(DsnNotify notify)
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = Bounce(Replies.Never);
        fixture.Enqueue(WithNotify(fixture.Envelope(to: "bob@example.net"), notify));
        Assert.Empty(Reports(fixture));
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Success_is_reported_as_relayed_where_asked_for_and_the_next_hop_reports_none()
    {
        using var fixture = new QueueFixture();
        fixture.Enqueue(WithNotify(fixture.Envelope(to: ["a@example.net", "b@example.net"]), DsnNotify.Success));
        MultipartReport report = Report(Assert.Single(Reports(fixture)));
        HeaderListCollection groups = ((MessageDeliveryStatus)report[1]).StatusGroups;
        Assert.Equal(3, groups.Count);
        Assert.Equal("relayed", groups[1]["Action"]);
        Assert.Equal("2.1.5", groups[2]["Status"]);
        Assert.Equal("text/rfc822-headers", report[2].ContentType.MimeType);
    }

    [Fact]
    public void Success_is_reported_as_delivered_where_the_next_hop_is_the_mailbox()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Ok with { IsFinal = true });
        fixture.Enqueue(WithNotify(fixture.Envelope(to: "bob@example.net"), DsnNotify.Success));
        HeaderListCollection groups = ((MessageDeliveryStatus)Report(Assert.Single(Reports(fixture)))[1]).StatusGroups;
        Assert.Equal(("delivered", "2.1.5"), (groups[1]["Action"], groups[1]["Status"]));
    }

    [Fact]
    public void Success_is_left_to_the_next_hop_where_that_reports_it()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Ok with { ReportsSuccess = true });
        fixture.Enqueue(WithNotify(fixture.Envelope(to: "a@example.net"), DsnNotify.Success));
        Assert.Empty(Reports(fixture));
    }

    [Fact]
    public void Delay_is_reported_once_where_asked_for()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = Bounce(Replies.Later);
        fixture.Enqueue(WithNotify(fixture.Envelope(to: "bob@example.net"), DsnNotify.Delay));
        fixture.Enqueue(fixture.Envelope(to: "carol@example.net"));
        for (int i = 0; i < 24; i++)
            fixture.Advance(TimeSpan.FromHours(1));
        MultipartReport report = Report(Assert.Single(Reports(fixture)));
        HeaderListCollection groups = ((MessageDeliveryStatus)report[1]).StatusGroups;
        Assert.Equal("delayed", groups[1]["Action"]);
        Assert.Equal("4.2.1", groups[1]["Status"]);
        Assert.Equal("Thu, 19 Mar 2026 15:09:26 +0000", groups[1]["Will-Retry-Until"]);
        Assert.Equal("text/rfc822-headers", report[2].ContentType.MimeType);
    }

    [Fact]
    public void Expired_message_is_reported_with_the_last_reply()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = Bounce(Replies.Later);
        fixture.Enqueue("bob@example.net");
        for (int i = 0; i < 130 && Reports(fixture).Count == 0; i++)
            fixture.Advance(TimeSpan.FromHours(1));
        Assert.InRange(fixture.Time.GetUtcNow() - Envelopes.Received, TimeSpan.FromDays(5), TimeSpan.FromDays(5.1));
        HeaderListCollection groups = ((MessageDeliveryStatus)Report(Assert.Single(Reports(fixture)))[1]).StatusGroups;
        Assert.Equal("failed", groups[1]["Action"]);
        Assert.Equal("smtp; 450 4.2.1 Mailbox busy", groups[1]["Diagnostic-Code"]);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Message_waiting_for_a_hop_that_stays_down_expires_with_a_report()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (envelope, attempt) => envelope.ReversePath.IsNull ? Replies.Delivered(attempt) : Replies.Down(attempt);
        for (int i = 0; i < 5; i++)
            fixture.Enqueue($"u{i}@example.net");
        fixture.Enqueue(WithNotify(fixture.Envelope(to: "late@example.net"), DsnNotify.Delay));
        for (int i = 0; i < 5 * 48 + 8; i++)
            fixture.Advance(TimeSpan.FromMinutes(30));
        Assert.Empty(fixture.Storage.Items());
        string[] actions = [.. Reports(fixture).Select(report => ((MessageDeliveryStatus)Report(report)[1]).StatusGroups[1]["Action"]!)];
        Assert.Equal(["delayed", "failed", "failed", "failed", "failed", "failed"], actions);
        Assert.Equal("4.4.1", ((MessageDeliveryStatus)Report(Reports(fixture)[^1])[1]).StatusGroups[1]["Status"]);
        Assert.Equal(0, fixture.Snapshot.Ready);
    }

    [Fact]
    public void Null_reverse_path_gets_no_report()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Never);
        fixture.Enqueue(fixture.Envelope("", "bob@example.net"));
        Assert.Single(fixture.Relay.Attempts);
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Double_bounce_goes_to_the_postmaster_where_configured_and_no_further()
    {
        using var fixture = new QueueFixture(new MailQueueOptions { DoubleBounceTo = Mailbox.Parse("postmaster@mx.example.org") });
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Never);
        fixture.Enqueue("bob@example.net");
        Assert.Equal(["bob@example.net", "alice@example.com", "postmaster@mx.example.org"], fixture.Relay.Attempts.Select(attempt => attempt.To));
        Assert.Empty(fixture.Storage.Items());
    }

    [Fact]
    public void Utf8_message_gets_a_utf8_report()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = Bounce(new RecipientOutcome(OutcomeKind.Permanent, new SmtpReply(550, "5.1.1", "Unbekannt: größe"), "mx.example.net"));
        fixture.Enqueue(fixture.Envelope(from: "jürgen@example.com", to: "δοκιμή@example.net") with { SmtpUtf8 = true, Return = DsnReturn.Headers });
        ScriptedRelay.Attempt attempt = Assert.Single(Reports(fixture));
        Assert.True(attempt.Envelope.SmtpUtf8);
        string text = Encoding.UTF8.GetString(attempt.Bytes);
        Assert.Contains("report-type=global-delivery-status", text, StringComparison.Ordinal);
        Assert.Contains("Content-Type: message/global-delivery-status", text, StringComparison.Ordinal);
        Assert.Contains("Content-Type: message/global-headers", text, StringComparison.Ordinal);
        Assert.Contains("Final-Recipient: utf-8; δοκιμή@example.net", text, StringComparison.Ordinal);
        Assert.Contains("Diagnostic-Code: smtp; 550 5.1.1 Unbekannt: größe", text, StringComparison.Ordinal);
        Assert.Contains("To: jürgen@example.com", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_words_of_others_cannot_end_a_field()
    {
        using var fixture = new QueueFixture();
        var hostile = new RecipientOutcome(OutcomeKind.Permanent, new SmtpReply(550, "5.1.1", "one\r\ntwo\u00e9 " + string.Concat(Enumerable.Repeat("long ", 100))), "evil\r\nAction: delivered");
        fixture.Relay.Script = Bounce(hostile);
        Envelope envelope = fixture.Envelope(to: "bob@example.net") with { EnvelopeId = "a\r\nb", Client = new ClientFacts { HelloName = "x\r\n\r\ny" } };
        envelope = envelope with { Recipients = [envelope.Recipients[0] with { OriginalRecipient = "rfc822;a\r\nAction: delivered" }] };
        fixture.Enqueue(envelope);
        ScriptedRelay.Attempt attempt = Assert.Single(Reports(fixture));
        HeaderListCollection groups = ((MessageDeliveryStatus)Report(attempt)[1]).StatusGroups;
        Assert.Equal(2, groups.Count);
        Assert.Equal("failed", Assert.Single(groups[1], header => header.Field == "Action").Value);
        Assert.StartsWith("smtp; 550 5.1.1 one / two?", groups[1]["Diagnostic-Code"], StringComparison.Ordinal);
        Assert.Equal("a??b", groups[0]["Original-Envelope-Id"]);
        Assert.All(Encoding.UTF8.GetString(attempt.Bytes).Split("\r\n"), line => Assert.InRange(line.Length, 0, 100));
        Assert.False(attempt.Envelope.Content.Traits.HasFlag(ContentTraits.BareLineEnd));
    }

    [Fact]
    public void Message_that_cannot_be_read_is_reported_without_it()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = Bounce(Replies.Never);
        var item = new QueueItem(
            fixture.Envelope(to: "bob@example.net") with { Content = new NamedContent(Envelopes.NewId(), 5, 0, ContentTraits.None) },
            DeliveryState.Initial(fixture.Time.GetUtcNow(), 1));
        fixture.Relay.ReadsContents = false;
        fixture.Context.Run(() => fixture.Storage.WriteAsync([item], CancellationToken.None).AsValue());
        fixture.Restart();
        fixture.Relay.ReadsContents = true;
        Assert.Empty(fixture.Storage.Items());
        Assert.Equal(2, fixture.Relay.Attempts.Count);
    }

    private static Func<Envelope, DeliveryAttempt, DeliveryReport> Bounce(RecipientOutcome outcome) =>
        (envelope, attempt) => envelope.ReversePath.IsNull ? Replies.Delivered(attempt) : Replies.All(attempt, outcome);

    private static List<ScriptedRelay.Attempt> Reports(QueueFixture fixture) =>
        [.. fixture.Relay.Attempts.Where(attempt => attempt.Envelope.ReversePath.IsNull)];

    private static Envelope WithNotify(Envelope envelope, DsnNotify notify) =>
        envelope with { Recipients = [.. envelope.Recipients.Select(recipient => recipient with { Notify = notify })] };

    private static MimeMessage Parse(ScriptedRelay.Attempt attempt) => MimeMessage.Load(new MemoryStream(attempt.Bytes));

    private static MultipartReport Report(ScriptedRelay.Attempt attempt) => Assert.IsType<MultipartReport>(Parse(attempt).Body);
}
