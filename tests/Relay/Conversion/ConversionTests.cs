using System.Text;
using FsCheck.Xunit;
using MimeKit;
using SlimtaFast.Mail;
using SlimtaFast.Relay.Conversion;
using SlimtaFast.Relay.Tests.Smtp;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Smtp;

namespace SlimtaFast.Relay.Tests.Conversion;

public class ConversionTests
{
    private const string Head = "From: a@x.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n";
    private const string EightBit = Head + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\u00fc\u00dfe\r\n.\r\nEnde\r\n";

    [Fact]
    public async Task Attempt_8bit_message_to_a_hop_with_8bitmime_arrives_as_it_is()
    {
        var server = new ScriptedServer { Extensions = ["8BITMIME"] };
        await using var fixture = new RelayFixture(server);
        await fixture.SendAsync(EightBit);
        Assert.Equal(EightBit, Encoding.UTF8.GetString(server.Messages[0].Bytes));
        Assert.Contains("BODY=8BITMIME", server.Commands[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("PIPELINING")]
    [InlineData("CHUNKING")]
    public async Task Attempt_8bit_message_to_a_hop_without_8bitmime_is_converted(params string[] extensions)
    {
        var server = new ScriptedServer { Extensions = extensions };
        await using var fixture = new RelayFixture(server);
        DeliveryReport report = await fixture.SendAsync(EightBit, static envelope => envelope with { Body = BodyType.EightBitMime, AddedHeaders = "Received: by x\r\n"u8.ToArray() });
        Assert.Equal(OutcomeKind.Delivered, report.Outcomes[0].Kind);
        byte[] bytes = server.Messages[0].Bytes;
        Assert.True(Ascii.IsValid(bytes));
        Assert.StartsWith("Received: by x\r\nFrom: a@x.example\r\nSubject: x\r\n", server.Messages[0].Text, StringComparison.Ordinal);
        MimeMessage message = await MimeMessage.LoadAsync(new MemoryStream(bytes));
        Assert.Equal("Gr\u00fc\u00dfe\r\n.\r\nEnde\r\n", message.TextBody!.ReplaceLineEndings("\r\n"));
        Assert.DoesNotContain(server.Commands, static command => command.Contains("BODY", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Attempt_nested_8bit_parts_are_converted_each()
    {
        const string Text = Head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
            + "Content-Transfer-Encoding: 8bit\r\n\r\n\u00fc\r\n--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\u00e4\r\n--b--\r\n";
        var server = new ScriptedServer { Extensions = [] };
        await using var fixture = new RelayFixture(server);
        Assert.Equal(OutcomeKind.Delivered, (await fixture.SendAsync(Text)).Outcomes[0].Kind);
        Assert.True(Ascii.IsValid(server.Messages[0].Bytes));
    }

    [Fact]
    public async Task Attempt_8bit_headers_to_a_hop_without_8bitmime_bounce()
    {
        var server = new ScriptedServer { Extensions = [] };
        await using var fixture = new RelayFixture(server);
        DeliveryReport report = await fixture.SendAsync("Subject: gr\u00fcn\r\n\r\nx\r\n");
        Assert.StartsWith("554 5.6.3 ", report.Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
        Assert.Equal(OutcomeKind.Permanent, report.Outcomes[0].Kind);
        Assert.Empty(server.Messages);
    }

    [Fact]
    public async Task Attempt_message_too_large_to_convert_bounces()
    {
        var server = new ScriptedServer { Extensions = [] };
        await using var fixture = new RelayFixture(server, new SmtpRelayOptions { MaxConversion = 10 });
        Assert.StartsWith("554 5.6.3 ", (await fixture.SendAsync(EightBit)).Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attempt_budget_of_conversions_is_spent_is_transient_until_another_ends()
    {
        // Larger than the budget, so that each takes all of it.
        var server = new ScriptedServer { Extensions = [] }.On("MAIL", ScriptedServer.Stall, "250 2.1.0 Ok");
        await using var fixture = new RelayFixture(server, new SmtpRelayOptions { ConversionBudget = 10 });
        using var source = new CancellationTokenSource();
        MessageContent content = Contents.InMemory(EightBit);
        Envelope envelope = Envelopes.Make(content);
        Task<DeliveryReport> first = fixture.Relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients), source.Token).AsTask();
        while (!server.Commands.Any(static command => command.StartsWith("MAIL", StringComparison.Ordinal)))
            await Task.Yield();

        DeliveryReport report = await fixture.SendAsync(EightBit, null, "a@x.example", "b@x.example");
        Assert.All(report.Outcomes, static outcome => Assert.Equal(OutcomeKind.Transient, outcome.Kind));
        Assert.StartsWith("452 4.3.1 ", report.Outcomes[1].Reply.ToString(), StringComparison.Ordinal);
        Assert.Equal(HopCondition.Up, report.Hop);
        Assert.Equal(OutcomeKind.Delivered, (await fixture.SendAsync()).Outcomes[0].Kind);

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        content.Release();
        Assert.Equal(OutcomeKind.Delivered, (await fixture.SendAsync(EightBit)).Outcomes[0].Kind);
    }

    [Theory]
    [InlineData(EightBit, "250 2.1.0 Ok")]
    [InlineData(EightBit, "450 4.2.1 Later")]
    [InlineData(EightBit, ScriptedServer.Close)]
    [InlineData("Subject: gr\u00fcn\r\n\r\nx\r\n", "250 2.1.0 Ok")]
    public async Task Attempt_however_it_ends_gives_its_part_of_the_budget_back(string text, string answer)
    {
        var server = new ScriptedServer { Extensions = [] }.On("RCPT", answer, "250 2.1.5 Ok");
        await using var fixture = new RelayFixture(server, new SmtpRelayOptions { ConversionBudget = 10 });
        await fixture.SendAsync(text);
        await fixture.SendAsync(text);
        Assert.Equal(OutcomeKind.Delivered, (await fixture.SendAsync(EightBit)).Outcomes[0].Kind);
    }

    [Fact]
    public async Task Attempt_budget_is_spent_for_those_only_that_are_not_refused_for_good()
    {
        var server = new ScriptedServer { Extensions = [] }.On("MAIL", ScriptedServer.Stall, "250 2.1.0 Ok");
        await using var fixture = new RelayFixture(server, new SmtpRelayOptions { ConversionBudget = 10 });
        using var source = new CancellationTokenSource();
        MessageContent content = Contents.InMemory(EightBit);
        Envelope envelope = Envelopes.Make(content);
        Task<DeliveryReport> first = fixture.Relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients), source.Token).AsTask();
        while (!server.Commands.Any(static command => command.StartsWith("MAIL", StringComparison.Ordinal)))
            await Task.Yield();
        DeliveryReport report = await fixture.SendAsync(EightBit, null, "j\u00fcrgen@x.example", "b@x.example");
        Assert.Equal([OutcomeKind.Permanent, OutcomeKind.Transient], report.Outcomes.Select(static outcome => outcome.Kind));
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        content.Release();
    }

    [Property]
    public void Budget_is_never_overdrawn_and_serves_any_message_alone(byte[] lengths)
    {
        const long Most = 100;
        var budget = new ConversionBudget(Most);
        var held = new Queue<long>();
        foreach (byte length in lengths ?? [])
        {
            if (budget.TryTake(length, out long taken))
                held.Enqueue(taken);
            else
                Assert.True(held.Sum() + Math.Min(length, Most) > Most);
            Assert.True(held.Sum() <= Most);
            if (length % 3 == 0 && held.TryDequeue(out long returned))
                budget.Return(returned);
        }

        while (held.TryDequeue(out long left))
            budget.Return(left);
        Assert.True(budget.TryTake(long.MaxValue, out long all));
        Assert.Equal(Most, all);
        Assert.False(budget.TryTake(1, out _));
    }

    [Fact]
    public async Task Attempt_bare_line_ends_are_made_whole()
    {
        var server = new ScriptedServer { Extensions = ["8BITMIME", "CHUNKING"] };
        await using var fixture = new RelayFixture(server);
        Assert.Equal(OutcomeKind.Delivered, (await fixture.SendAsync("Subject: x\r\n\r\na\n.\nb\r\n")).Outcomes[0].Kind);
        Assert.Equal("Subject: x\r\n\r\na\r\n.\r\nb\r\n", server.Messages[0].Text);
    }

    [Theory]
    [InlineData]
    [InlineData("8BITMIME")]
    [InlineData("8BITMIME", "CHUNKING")]
    public async Task Attempt_binary_parts_to_a_hop_without_binarymime_are_encoded(params string[] extensions)
    {
        byte[] data = [.. Enumerable.Range(0, 2000).Select(static i => (byte)(i % 7 == 0 ? 10 : i % 11 == 0 ? 13 : i % 13 == 0 ? 0 : i))];
        string text = Head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/octet-stream\r\n"
            + "Content-Transfer-Encoding: binary\r\n\r\n" + Encoding.Latin1.GetString(data) + "\r\n--b--\r\n";
        var server = new ScriptedServer { Extensions = extensions };
        await using var fixture = new RelayFixture(server);
        MessageContent content = Contents.InMemory(Encoding.Latin1.GetBytes(text));
        Envelope envelope = Envelopes.Make(content) with { Body = BodyType.BinaryMime };
        DeliveryReport report = await fixture.Relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients), CancellationToken.None);
        content.Release();
        Assert.Equal(OutcomeKind.Delivered, report.Outcomes[0].Kind);
        MimeMessage message = await MimeMessage.LoadAsync(new MemoryStream(server.Messages[0].Bytes));
        var decoded = new MemoryStream();
        await Assert.IsType<MimePart>(Assert.IsType<Multipart>(message.Body)[0]).Content!.DecodeToAsync(decoded);
        Assert.Equal(Convert.ToHexString(data), Convert.ToHexString(decoded.ToArray()));
        Assert.DoesNotContain(server.Commands, static command => command.Contains("BINARYMIME", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Attempt_binary_message_that_cannot_be_converted_bounces()
    {
        var server = new ScriptedServer { Extensions = ["8BITMIME"] };
        await using var fixture = new RelayFixture(server, new SmtpRelayOptions { MaxConversion = 10 });
        DeliveryReport report = await fixture.SendAsync("Subject: x\r\n\r\na\n", static envelope => envelope with { Body = BodyType.BinaryMime });
        Assert.Equal(OutcomeKind.Permanent, report.Outcomes[0].Kind);
        Assert.StartsWith("554 5.6.3 ", report.Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Subject: x\r\n\r\nplain\r\n", true)]
    [InlineData(EightBit, true)]
    [InlineData("Subject: gr\u00fcn\r\n\r\nplain\r\n", false)]
    public async Task Attempt_smtputf8_message_to_a_hop_without_it_goes_where_its_headers_allow(string text, bool isDelivered)
    {
        var server = new ScriptedServer { Extensions = ["8BITMIME"] };
        await using var fixture = new RelayFixture(server);
        DeliveryReport report = await fixture.SendAsync(text, static envelope => envelope with { SmtpUtf8 = true });
        Assert.Equal(isDelivered ? OutcomeKind.Delivered : OutcomeKind.Permanent, report.Outcomes[0].Kind);
        if (!isDelivered)
            Assert.StartsWith("553 5.6.7 ", report.Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attempt_smtputf8_message_to_a_hop_with_it_says_so()
    {
        var server = new ScriptedServer { Extensions = ["8BITMIME", "SMTPUTF8"] };
        await using var fixture = new RelayFixture(server);
        await fixture.SendAsync("Subject: gr\u00fcn\r\n\r\nx\r\n", static envelope => envelope with { SmtpUtf8 = true }, "j\u00fcrgen@x.example");
        Assert.Equal("MAIL FROM:<alice@example.com> BODY=8BITMIME SMTPUTF8", server.Commands[1]);
        Assert.Single(server.Messages);
    }

    [Property(MaxTest = 300)]
    public void Read_any_octets_finds_what_the_plain_way_finds(byte[] noise)
    {
        byte[] bytes = [.. (noise ?? []).SelectMany(static octet => octet % 5 == 0 ? "\r\n"u8.ToArray() : octet % 5 == 1 ? "."u8.ToArray() : [octet])];
        ContentTraits expected = Contents.TraitsOf(bytes);
        ContentTraits found = ContentTraitsReader.Read(bytes);
        Assert.Equal(expected, found);
    }
}
