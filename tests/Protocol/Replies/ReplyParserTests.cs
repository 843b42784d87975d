using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Xunit;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Replies;
using SlimtaFast.TestKit;

namespace SlimtaFast.Protocol.Tests.Replies;

public class ReplyParserTests
{
    [Theory]
    [InlineData("250 2.1.0 Ok\r\n", 250, "2.1.0", "Ok")]
    [InlineData("250 Ok\r\n", 250, "", "Ok")]
    [InlineData("250\r\n", 250, "", "")]
    [InlineData("250 \r\n", 250, "", "")]
    [InlineData("250 2.1.0\r\n", 250, "2.1.0", "")]
    [InlineData("250 Ok\n", 250, "", "Ok")]
    [InlineData("550 2.1.0 of another class\r\n", 550, "", "2.1.0 of another class")]
    [InlineData("550 5.1.1234 no code\r\n", 550, "", "5.1.1234 no code")]
    [InlineData("550 5.1.1x\r\n", 550, "", "5.1.1x")]
    [InlineData("550 5.7.509  two spaces\r\n", 550, "5.7.509", "two spaces")]
    [InlineData("550-5.1.1 one\r\n550 5.1.1 two\r\n", 550, "5.1.1", "one\r\ntwo")]
    [InlineData("550-one\n550-\n550 three\r\n", 550, "", "one\r\n\r\nthree")]
    [InlineData("250 a\rb\0c\td\r\n", 250, "", "a b c d")]
    [InlineData("250 gr\u00fcn\r\n", 250, "", "gr\u00fcn")]
    [InlineData("250 a\u0085b\r\n", 250, "", "a b")]
    public void Parse_whole_reply_gives_code_status_and_text_at_any_split(string input, int code, string status, string text)
    {
        foreach (ReadOnlySequence<byte> split in Segments.AllSplits(Encoding.UTF8.GetBytes(input)))
        {
            ReadOnlySequence<byte> rest = split;
            Assert.Equal(ReplyParseStatus.Done, new ReplyParser().Parse(ref rest, ReplyText.Always, out SmtpReply reply));
            Assert.Equal((code, status, text), (reply.Code, reply.Status.ToString(), reply.Text));
            Assert.True(rest.IsEmpty);
        }
    }

    [Theory]
    [InlineData("nonsense\r\n")]
    [InlineData("\r\n")]
    [InlineData("25\r\n")]
    [InlineData("2500 Ok\r\n")]
    [InlineData("199 low\r\n")]
    [InlineData("600 high\r\n")]
    [InlineData("25x Ok\r\n")]
    [InlineData("250_Ok\r\n")]
    [InlineData("250-one\r\n550 two\r\n")]
    [InlineData("250-one\r\nnonsense\r\n")]
    public void Parse_anything_else_is_malformed_at_any_split(string input)
    {
        foreach (ReadOnlySequence<byte> split in Segments.AllSplits(Encoding.ASCII.GetBytes(input)))
        {
            ReadOnlySequence<byte> rest = split;
            Assert.Equal(ReplyParseStatus.Malformed, new ReplyParser().Parse(ref rest, ReplyText.Always, out _));
        }
    }

    [Fact]
    public void Parse_bare_cr_never_ends_a_line()
    {
        var rest = new ReadOnlySequence<byte>("250 a\r250 b\r"u8.ToArray());
        Assert.Equal(ReplyParseStatus.NeedMore, new ReplyParser().Parse(ref rest, ReplyText.Always, out _));
    }

    [Fact]
    public void Parse_several_replies_takes_one_at_a_time()
    {
        var parser = new ReplyParser();
        var rest = new ReadOnlySequence<byte>("250-a\r\n250 b\r\n354 c\r\n421"u8.ToArray());
        Assert.Equal(ReplyParseStatus.Done, parser.Parse(ref rest, ReplyText.Always, out SmtpReply first));
        Assert.Equal(ReplyParseStatus.Done, parser.Parse(ref rest, ReplyText.Always, out SmtpReply second));
        Assert.Equal(ReplyParseStatus.NeedMore, parser.Parse(ref rest, ReplyText.Always, out _));
        Assert.Equal(("250 a / b", "354 c", 3), (first.ToString(), second.ToString(), (int)rest.Length));
    }

    [Fact]
    public void Parse_sizes_at_and_beyond_their_bounds()
    {
        Assert.Equal(ReplyParseStatus.Done, ParseAll("250 " + new string('x', ReplyParser.LongestLine - 4) + "\r\n"));
        Assert.Equal(ReplyParseStatus.TooLong, ParseAll("250 " + new string('x', ReplyParser.LongestLine - 3) + "\r\n"));
        Assert.Equal(ReplyParseStatus.TooLong, ParseAll("250 " + new string('x', ReplyParser.LongestLine + 10)));
        Assert.Equal(ReplyParseStatus.Done, ParseAll(Lines(ReplyParser.MostLines, 10)));
        Assert.Equal(ReplyParseStatus.TooLong, ParseAll(Lines(ReplyParser.MostLines + 1, 10)));
        Assert.Equal(ReplyParseStatus.TooLong, ParseAll(Lines(40, 2000)));
    }

    [Fact]
    public void Parse_long_text_is_cut_but_a_hellos_is_kept()
    {
        string input = Lines(30, 100);
        Assert.True(Parse(input, ReplyText.Always).Text.Length <= ReplyParser.LongestKeptText);
        Assert.Equal(30, Parse(input, ReplyText.Lines).Text.Split("\r\n").Length);
        SmtpReply utf8 = Parse("250 " + new string('\u00fc', 900) + "\r\n", ReplyText.Always);
        Assert.Equal(new string('\u00fc', 500), utf8.Text);
    }

    [Fact]
    public void Parse_unwanted_text_is_left_out()
    {
        Assert.Equal("", Parse("250 2.1.0 Ok\r\n", ReplyText.IfNegative).Text);
        Assert.Equal("", Parse("250-2.1.0 Ok\r\n250 2.1.0 x\r\n", ReplyText.IfNegative).Text);
        Assert.Equal("No", Parse("550 5.1.1 No\r\n", ReplyText.IfNegative).Text);
    }

    [Fact]
    public void Parse_same_text_again_is_the_same_string()
    {
        var parser = new ReplyParser();
        byte[] input = "250 2.0.0 Ok: queued\r\n"u8.ToArray();
        var rest = new ReadOnlySequence<byte>(input);
        parser.Parse(ref rest, ReplyText.Always, out SmtpReply first);
        rest = new ReadOnlySequence<byte>(input);
        parser.Parse(ref rest, ReplyText.Always, out SmtpReply second);
        Assert.Same(first.Text, second.Text);
    }

    [Property(MaxTest = 500)]
    public void Parse_any_octets_never_throws_and_gives_the_same_at_any_split(byte[] noise, int seed)
    {
        byte[] input = Mix(noise ?? [], seed);
        List<string> whole = Run([new ReadOnlySequence<byte>(input)]);
        Assert.Equal(whole, Run([Segments.Random(input, seed, 7)]));
        Assert.Equal(whole, Run([.. input.Select(static octet => new ReadOnlySequence<byte>(new[] { octet }))]));
    }

    [Property(MaxTest = 300)]
    public void Parse_written_reply_is_read_as_it_was(ushort codeSeed, ushort subject, ushort detail, NonNull<string>[] lines)
    {
        int code = 200 + (codeSeed % 400);
        byte statusClass = (byte)(code / 100 == 3 ? 0 : code / 100);
        var status = statusClass == 0 ? default : new EnhancedStatus(statusClass, (ushort)(subject % 1000), (ushort)(detail % 1000));
        string[] texts = [.. (lines ?? []).Take(20).Select(static line => Clean(line.Get)).DefaultIfEmpty("")];
        var wire = new StringBuilder();
        for (int i = 0; i < texts.Length; i++)
            wire.Append(code).Append(i == texts.Length - 1 ? ' ' : '-').Append(status.IsNone ? "" : status + " ").Append(texts[i]).Append("\r\n");
        SmtpReply reply = Parse(wire.ToString(), ReplyText.Always);
        Assert.Equal(code, reply.Code);
        Assert.Equal(status, reply.Status);
        Assert.Equal(string.Join("\r\n", texts), reply.Text);
    }

    // Text that stays as it is: printable, without spaces at its ends, and not like a status code.
    private static string Clean(string text) =>
        "t" + new string([.. text.Where(static c => c is >= ' ' and <= '~').Take(40)]).TrimEnd();

    private static byte[] Mix(byte[] noise, int seed)
    {
        string[] parts = ["250 Ok\r\n", "250-more\r\n", "550 5.1.1 No\r\n", "25", "\r\n", "\n", "\r", "-", " ", "2.1.0 "];
        var random = new Random(seed);
        var input = new List<byte>();
        foreach (byte octet in noise)
        {
            if (octet % 4 == 0)
                input.Add(octet);
            else
                input.AddRange(Encoding.ASCII.GetBytes(parts[random.Next(parts.Length)]));
        }

        return [.. input];
    }

    // What a reader of the pieces sees, with what was not consumed carried on.
    private static List<string> Run(IReadOnlyList<ReadOnlySequence<byte>> pieces)
    {
        var parser = new ReplyParser();
        var seen = new List<string>();
        byte[] left = [];
        foreach (ReadOnlySequence<byte> piece in pieces)
        {
            ReadOnlySequence<byte> rest = left.Length == 0 ? piece : new ReadOnlySequence<byte>([.. left, .. piece.ToArray()]);
            while (true)
            {
                ReplyParseStatus status = parser.Parse(ref rest, ReplyText.Always, out SmtpReply reply);
                if (status == ReplyParseStatus.NeedMore)
                    break;
                seen.Add($"{status} {reply}");
                if (status != ReplyParseStatus.Done)
                    return seen;
            }

            left = rest.ToArray();
        }

        return seen;
    }

    private static ReplyParseStatus ParseAll(string input)
    {
        var rest = new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(input));
        return new ReplyParser().Parse(ref rest, ReplyText.Always, out _);
    }

    private static SmtpReply Parse(string input, ReplyText kind)
    {
        var rest = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(input));
        Assert.Equal(ReplyParseStatus.Done, new ReplyParser().Parse(ref rest, kind, out SmtpReply reply));
        return reply;
    }

    private static string Lines(int count, int length) =>
        string.Concat(Enumerable.Repeat("250-" + new string('x', length) + "\r\n", count - 1)) + "250 " + new string('x', length) + "\r\n";
}
