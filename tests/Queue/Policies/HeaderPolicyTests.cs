using System.Net;
using System.Text;
using FsCheck.Xunit;
using MimeKit;
using MimeKit.Utils;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;
using SlimtaFast.TestKit;

namespace SlimtaFast.Queue.Tests.Policies;

public class HeaderPolicyTests
{
    private const string Bare = "Subject: x\r\n\r\nbody\r\n";

    [Fact]
    public void Standard_policies_put_received_before_message_id_and_date_before_the_message()
    {
        Envelope envelope = Envelopes.Make(Contents.InMemory(Bare));
        string added = Apply(envelope, QueuePolicies.Standard("mx.example.org"));
        Assert.Equal(
            "Received: from client.example.com (client.example.com [192.0.2.25])\r\n"
            + " by mx.example.org with ESMTPS\r\n"
            + " (using TLSv1.3 TLS_AES_256_GCM_SHA384)\r\n"
            + $" id {envelope.Id}\r\n"
            + " for <bob@example.org>;\r\n"
            + " Sat, 14 Mar 2026 15:09:26 +0000\r\n"
            + $"Message-ID: <{envelope.Id}@mx.example.org>\r\n"
            + "Date: Sat, 14 Mar 2026 15:09:26 +0000\r\n",
            added);
    }

    [Fact]
    public void Message_keeps_its_own_date_and_message_id()
    {
        Envelope envelope = Envelopes.Make(Contents.InMemory("DATE: x\r\nmessage-id : <y@z>\r\n\r\n"));
        string added = Apply(envelope, QueuePolicies.Standard("mx.example.org"));
        Assert.StartsWith("Received:", added, StringComparison.Ordinal);
        Assert.DoesNotContain("Date:", added, StringComparison.Ordinal);
        Assert.DoesNotContain("Message-ID", added, StringComparison.Ordinal);
    }

    [Fact]
    public void Content_is_sent_octet_for_octet_behind_what_was_added()
    {
        using var fixture = new QueueFixture(policies: QueuePolicies.Standard("mx.example.org"));
        Envelope envelope = fixture.Envelope(to: "bob@example.org");
        fixture.Enqueue(envelope);
        ScriptedRelay.Attempt attempt = Assert.Single(fixture.Relay.Attempts);
        Assert.EndsWith(Contents.Text, Encoding.ASCII.GetString(attempt.Bytes), StringComparison.Ordinal);
        Assert.Same(envelope.Content, attempt.Envelope.Content);
    }

    [Fact]
    public void Several_recipients_are_not_named_because_that_would_tell_blind_copies() =>
        Assert.DoesNotContain("for <", Received(Envelopes.Make(Contents.InMemory(Bare), to: ["a@example.org", "b@example.org"])), StringComparison.Ordinal);

    [Fact]
    public void Address_of_version_6_is_tagged()
    {
        Envelope envelope = With(new ClientFacts { Address = IPAddress.Parse("2001:db8::1"), HelloName = "h" });
        Assert.Contains("from h ([IPv6:2001:db8::1])", Received(envelope), StringComparison.Ordinal);
    }

    [Fact]
    public void Mapped_address_is_written_as_version_4()
    {
        Envelope envelope = With(new ClientFacts { Address = IPAddress.Parse("::ffff:192.0.2.1"), HelloName = "h" });
        Assert.Contains("from h ([192.0.2.1])", Received(envelope), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ESMTP", "UTF8SMTP")]
    [InlineData("ESMTPSA", "UTF8SMTPSA")]
    [InlineData("LMTP", "UTF8LMTP")]
    public void Utf8_sessions_are_named_as_rfc_6531_registers_them(string protocol, string expected)
    {
        Envelope envelope = With(new ClientFacts { Protocol = protocol, HelloName = "h" }) with { SmtpUtf8 = true };
        Assert.Contains($" with {expected}\r\n", Received(envelope), StringComparison.Ordinal);
    }

    [Fact]
    public void Mail_made_inside_has_no_from()
    {
        Envelope envelope = With(new ClientFacts { Protocol = "LOCAL" });
        Assert.StartsWith("Received: by mx.example.org with LOCAL\r\n", Received(envelope), StringComparison.Ordinal);
    }

    [Fact]
    public void Hello_name_cannot_forge_a_field()
    {
        string received = Received(With(new ClientFacts { HelloName = "x)\r\nX-Forged: yes\r\n(y", Address = IPAddress.Loopback }));
        Assert.StartsWith("Received: from x???X-Forged:?yes???y ([127.0.0.1])\r\n", received, StringComparison.Ordinal);
    }

    [Property]
    public void Any_client_gives_one_folded_field_that_is_ascii_and_keeps_its_date(string? hello, string? host, string? tls, string? protocol)
    {
        string received = Received(With(new ClientFacts
        {
            HelloName = hello ?? "",
            HostName = host,
            Tls = tls,
            Protocol = protocol ?? "",
            Address = IPAddress.IPv6Loopback,
        }));
        Assert.EndsWith("\r\n", received, StringComparison.Ordinal);
        string[] lines = received[..^2].Split("\r\n");
        Assert.StartsWith("Received:", lines[0], StringComparison.Ordinal);
        Assert.All(lines.Skip(1), line => Assert.StartsWith(" ", line, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 998));
        Assert.All(received, c => Assert.True(c is '\r' or '\n' or >= ' ' and < '\x7f'));
        Assert.True(DateUtils.TryParse(lines[^1], out DateTimeOffset date));
        Assert.Equal(Envelopes.Received, date);
    }

    [Fact]
    public void Longest_names_leave_the_field_whole()
    {
        string longest = new('n', 5000);
        var recipient = Mailbox.Parse(new string('l', 64) + "@" + string.Concat(Enumerable.Repeat("abcdefghi.", 18)) + "example");
        Envelope envelope = With(new ClientFacts { HelloName = longest, HostName = longest, Tls = longest, ServerName = longest, Address = IPAddress.Loopback });
        string received = Received(envelope with { Recipients = [new Recipient(recipient)] });
        Assert.EndsWith($" for <{recipient}>;\r\n Sat, 14 Mar 2026 15:09:26 +0000\r\n", received, StringComparison.Ordinal);
    }

    [Property]
    public void Date_is_the_right_instant_whatever_its_offset(uint seconds, sbyte hours)
    {
        DateTimeOffset received = DateTimeOffset.FromUnixTimeSeconds(seconds).ToOffset(TimeSpan.FromHours(hours % 14));
        string added = Apply(Envelopes.Make(Contents.InMemory(Bare)) with { ReceivedAt = received }, [QueuePolicies.AddDate]);
        using var message = MimeMessage.Load(new MemoryStream(Encoding.ASCII.GetBytes(added + "\r\n")));
        Assert.Equal(received, message.Date);
    }

    private static Envelope With(ClientFacts client) => Envelopes.Make(Contents.InMemory(Bare)) with { Client = client };

    private static string Received(Envelope envelope) => Apply(envelope, [QueuePolicies.AddReceived("mx.example.org")]);

    private static string Apply(Envelope envelope, IReadOnlyList<IQueuePolicy> policies)
    {
        using var fixture = new QueueFixture(policies: policies);
        Envelope? seen = null;
        fixture.Relay.Script = (stored, attempt) =>
        {
            seen ??= stored;
            return Replies.Delivered(attempt);
        };
        Assert.Equal(250, fixture.Enqueue(envelope).Reply.Code);
        return Encoding.ASCII.GetString(seen!.AddedHeaders.Span);
    }
}
