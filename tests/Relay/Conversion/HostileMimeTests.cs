using System.Globalization;
using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Relay.Conversion;
using SlimtaFast.Relay.Tests.Smtp;
using SlimtaFast.TestKit.Smtp;

namespace SlimtaFast.Relay.Tests.Conversion;

/// <summary>Messages made to be dear or deadly to convert. A stack that overflows would end the process, and the run of the tests with it.</summary>
public class HostileMimeTests
{
    private const string Head = "Subject: x\r\nMIME-Version: 1.0\r\n";
    private const string Leaf = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\u00fc\u00dfe\r\n";

    // The word in base64, with a line end behind it or without.
    private const string Encoded = "R3LDvMOfZQ";

    [Theory]
    [InlineData(MessageConverter.Deepest)]
    [InlineData(MessageConverter.Deepest + 1)]
    [InlineData(1_000)]
    [InlineData(10_000)]
    [InlineData(100_000)]
    public async Task Attempt_nested_multiparts_are_converted_or_bounce(int levels)
    {
        var text = new StringBuilder(Head);
        for (int i = 0; i < levels; i++)
            text.Append(CultureInfo.InvariantCulture, $"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n");
        text.Append(Leaf);
        for (int i = levels - 1; i >= 0; i--)
            text.Append(CultureInfo.InvariantCulture, $"--b{i}--\r\n");
        await AssertConvertedOrBouncedAsync(text.ToString(), levels <= MessageConverter.Deepest);
    }

    [Theory]
    [InlineData(MessageConverter.Deepest)]
    [InlineData(MessageConverter.Deepest + 1)]
    [InlineData(1_000)]
    [InlineData(10_000)]
    [InlineData(100_000)]
    public async Task Attempt_nested_messages_are_converted_or_bounce(int levels)
    {
        var text = new StringBuilder(Head);
        for (int i = 0; i < levels; i++)
            text.Append("Content-Type: message/rfc822\r\n\r\n");
        text.Append(Leaf);
        await AssertConvertedOrBouncedAsync(text.ToString(), levels <= MessageConverter.Deepest);
    }

    [Theory]
    [InlineData(MessageConverter.Deepest)]
    [InlineData(100_000)]
    public async Task Attempt_unclosed_multiparts_of_one_boundary_are_converted_or_bounce(int levels)
    {
        var text = new StringBuilder(Head);
        for (int i = 0; i < levels; i++)
            text.Append("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n");
        text.Append(Leaf);
        await AssertConvertedOrBouncedAsync(text.ToString(), levels <= MessageConverter.Deepest);
    }

    [Fact]
    public async Task Attempt_ten_thousand_parts_are_converted_each()
    {
        const int Parts = 10_000;
        string text = Head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + string.Concat(Enumerable.Repeat("--b\r\n" + Leaf, Parts)) + "--b--\r\n";
        byte[] bytes = await AssertConvertedOrBouncedAsync(text, isConverted: true);
        Assert.Equal(Parts, Encoding.ASCII.GetString(bytes).Split(Encoded).Length - 1);
    }

    [Fact]
    public async Task Attempt_hundred_thousand_header_fields_stay_as_they_are()
    {
        string fields = string.Concat(Enumerable.Range(0, 100_000).Select(static i => string.Create(CultureInfo.InvariantCulture, $"X-{i}: {i}\r\n")));
        byte[] bytes = await AssertConvertedOrBouncedAsync(fields + Head + Leaf, isConverted: true);
        Assert.StartsWith(fields, Encoding.ASCII.GetString(bytes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Subject: ", "x ")]
    [InlineData("To: ", "a@x.example, ")]
    [InlineData("To: ", "(")]
    [InlineData("To: ", "g:")]
    [InlineData("References: ", "<a@x> ")]
    [InlineData("Message-ID: ", "<")]
    [InlineData("Received: ", "(a) ")]
    [InlineData("Content-Disposition: attachment", "; a=b")]
    [InlineData("Content-Type: text/plain", "; a*1=b")]
    public async Task Attempt_header_field_of_a_megabyte_stays_as_it_is(string start, string piece)
    {
        string field = start + string.Concat(Enumerable.Repeat(piece, 1_048_576 / piece.Length)) + "\r\n";
        byte[] bytes = await AssertConvertedOrBouncedAsync(field + Head + Leaf, isConverted: true);
        Assert.StartsWith(field, Encoding.ASCII.GetString(bytes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64, 1, true)]
    [InlineData(64, 20, true)]
    [InlineData(1024, 1, false)]
    [InlineData(256, 20, false)]
    public async Task Attempt_header_fields_of_many_folds_are_converted_unless_they_cost_too_much(int kilobytes, int fields, bool isConverted)
    {
        string field = "X:" + string.Concat(Enumerable.Repeat("\r\n y", kilobytes * 256)) + "\r\n";
        await AssertConvertedOrBouncedAsync(string.Concat(Enumerable.Repeat(field, fields)) + Head + Leaf, isConverted);
    }

    [Fact]
    public async Task Attempt_folds_in_a_part_within_count_as_well()
    {
        string part = "X:" + string.Concat(Enumerable.Repeat("\r\n\ty", 262_144)) + "\r\n" + Leaf;
        await AssertConvertedOrBouncedAsync(Head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + part + "--b--\r\n", isConverted: false);
    }

    [Theory]
    [InlineData("")]
    [InlineData("X: y\r\n")]
    public async Task Attempt_indented_bodies_are_converted_however_long(string firstLine)
    {
        string lines = firstLine + string.Concat(Enumerable.Repeat("    y\r\n", 300_000));
        byte[] bytes = await AssertConvertedOrBouncedAsync(Head + Leaf + lines, isConverted: true, inBase64: false);
        Assert.InRange(bytes.Length, lines.Length, lines.Length * 3);
        string part = "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + lines + "--b\r\n" + Leaf;
        await AssertConvertedOrBouncedAsync(Head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part + part + "--b--\r\n", isConverted: true);
    }

    [Fact]
    public async Task Attempt_folds_behind_an_indented_body_count_as_well()
    {
        string body = "--b\r\nContent-Type: text/plain\r\n\r\n" + string.Concat(Enumerable.Repeat("    y\r\n", 10_000));
        string part = "--b\r\nX:" + string.Concat(Enumerable.Repeat("\r\n\ty", 262_144)) + "\r\n" + Leaf;
        await AssertConvertedOrBouncedAsync(Head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + body + part + "--b--\r\n", isConverted: false);
    }

    private static async Task<byte[]> AssertConvertedOrBouncedAsync(string text, bool isConverted, bool inBase64 = true)
    {
        var server = new ScriptedServer { Extensions = [] };
        await using var fixture = new RelayFixture(server);
        DeliveryReport report = await fixture.SendAsync(text);
        if (!isConverted)
        {
            Assert.Equal(OutcomeKind.Permanent, report.Outcomes[0].Kind);
            Assert.StartsWith("554 5.6.3 ", report.Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
            Assert.Empty(server.Messages);
            return [];
        }

        Assert.True(report.Outcomes[0].Kind == OutcomeKind.Delivered, report.Outcomes[0].Reply.ToString());
        byte[] bytes = server.Messages[0].Bytes;
        Assert.True(Ascii.IsValid(bytes));
        if (inBase64)
            Assert.Contains(Encoded, Encoding.ASCII.GetString(bytes), StringComparison.Ordinal);
        return bytes;
    }
}
