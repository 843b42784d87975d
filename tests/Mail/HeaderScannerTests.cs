using System.Buffers;
using System.Text;
using FsCheck.Xunit;
using SlimtaFast.TestKit;

namespace SlimtaFast.Mail.Tests;

public sealed class HeaderScannerTests
{
    private const string Usual =
        "Received: from a.example\r\n\tby b.example; Sat, 14 Mar 2026 15:09:26 +0000\r\nDate: Sat, 14 Mar 2026 15:09:26 +0000\r\n" +
        "MESSAGE-id : <1@example.com>\r\nSubject:\r\n folded\r\n \r\n and on\r\n\r\nDate: not this one\r\n";

    private static readonly string[] Pieces =
        ["\r\n", "\n", "\r", ":", " ", "\t", "Date", "Date:", "date :", "Received:", "Message-ID:", "X", "é", "\0", ".", "Subject: x\r\n", "\r\n\r\n", " folded\r\n", new string('n', 70)];

    [Fact]
    public void Usual_header_is_walked_field_by_field()
    {
        var scanner = new HeaderScanner(Encoding.UTF8.GetBytes(Usual));
        Assert.True(scanner.MoveNext());
        Assert.True(scanner.CurrentIs("received"u8));
        Assert.Equal(" from a.example\r\n\tby b.example; Sat, 14 Mar 2026 15:09:26 +0000\r\n", Usual[scanner.Current.ValueStart..scanner.Current.End]);
        Assert.True(scanner.MoveNext());
        Assert.True(scanner.CurrentIs("DATE"u8));
        Assert.False(scanner.CurrentIs("Dat"u8));
        Assert.False(scanner.CurrentIs("Date:"u8));
        Assert.True(scanner.MoveNext());
        Assert.True(scanner.CurrentIs("Message-ID"u8));
        Assert.Equal(" <1@example.com>\r\n", Usual[scanner.Current.ValueStart..scanner.Current.End]);
        Assert.True(scanner.MoveNext());
        Assert.True(scanner.CurrentIs("Subject"u8));
        Assert.Equal("\r\n folded\r\n \r\n and on\r\n", Usual[scanner.Current.ValueStart..scanner.Current.End]);
        Assert.False(scanner.MoveNext());
        Assert.False(scanner.MoveNext());
        Assert.False(scanner.CurrentIs("Subject"u8));
        Assert.Equal(HeaderEnd.BlankLine, scanner.End);
        Assert.Equal("Date: not this one\r\n", Usual[scanner.BodyStart..]);
        Assert.Equal(scanner.BodyStart - 2, scanner.SectionLength);
    }

    [Theory]
    [InlineData("", 0, HeaderEnd.EndOfMessage, "")]
    [InlineData("\r\nbody", 0, HeaderEnd.BlankLine, "body")]
    [InlineData("\nbody", 0, HeaderEnd.BlankLine, "body")]
    [InlineData("A: b\r\n", 1, HeaderEnd.EndOfMessage, "")]
    [InlineData("A: b", 1, HeaderEnd.EndOfMessage, "")]
    [InlineData("A: b\n c\n\nbody", 1, HeaderEnd.BlankLine, "body")]
    [InlineData("A: b\r\nno field\r\n\r\nbody", 1, HeaderEnd.OtherLine, "no field\r\n\r\nbody")]
    [InlineData(" starts folded: x\r\nA: b\r\n", 0, HeaderEnd.OtherLine, " starts folded: x\r\nA: b\r\n")]
    [InlineData(": no name\r\n", 0, HeaderEnd.OtherLine, ": no name\r\n")]
    [InlineData("Bad\0name: x\r\n", 0, HeaderEnd.OtherLine, "Bad\0name: x\r\n")]
    [InlineData("A: b\r\n\r", 1, HeaderEnd.OtherLine, "\r")]
    [InlineData("A: b\rc\r\nD: e\r\n\r\n", 2, HeaderEnd.BlankLine, "")]
    [InlineData("From alice Sat Mar 14 15:09:26 2026\r\nX Y : z\r\nÜ: 8bit\r\n\r\n", 3, HeaderEnd.BlankLine, "")]
    [InlineData("A: b\r\n\rB: c\r\n", 1, HeaderEnd.OtherLine, "\rB: c\r\n")]
    public void Odd_header_ends_where_it_should(string text, int fields, HeaderEnd end, string body)
    {
        byte[] message = Encoding.UTF8.GetBytes(text);
        foreach (ReadOnlySequence<byte> split in Segments.AllSplits(message))
        {
            var scanner = new HeaderScanner(split);
            int count = 0;
            while (scanner.MoveNext())
                count++;
            Assert.Equal((fields, end), (count, scanner.End));
            Assert.Equal(body, Encoding.UTF8.GetString(message.AsSpan(scanner.BodyStart)));
        }
    }

    [Fact]
    public void Every_split_of_the_input_gives_the_same_fields()
    {
        byte[] message = Encoding.UTF8.GetBytes(Usual);
        List<HeaderField> expected = Walk(new HeaderScanner(message), out _);
        foreach (ReadOnlySequence<byte> split in Segments.AllSplits(message))
            Assert.Equal(expected, Walk(new HeaderScanner(split), out _));
    }

    [Property(MaxTest = 1000)]
    public void Any_input_gives_what_a_plain_reading_gives_however_it_is_split(int[] choices, int seed, byte limit)
    {
        string text = string.Concat(choices.Select(static choice => Pieces[(int)((uint)choice % (uint)Pieces.Length)]));
        byte[] message = Encoding.UTF8.GetBytes(text);
        int cut = limit < 200 ? int.MaxValue : limit - 200;
        List<HeaderField> expected = PlainWalk(message.AsSpan(0, Math.Min(message.Length, cut)).ToArray(), message.Length > cut, out HeaderEnd end);
        Assert.Equal(expected, Walk(new HeaderScanner(message, cut), out HeaderEnd spanEnd));
        Assert.Equal(expected, Walk(new HeaderScanner(Segments.Random(message, seed, 5), cut), out HeaderEnd sequenceEnd));
        Assert.Equal((end, end), (spanEnd, sequenceEnd));
    }

    [Fact]
    public void Limit_ends_the_section()
    {
        byte[] message = Encoding.UTF8.GetBytes(Usual);
        HeaderFacts facts = HeaderFacts.Scan(message, Usual.IndexOf("Date", StringComparison.Ordinal) + 6);
        Assert.Equal((HeaderEnd.Limit, 1, true, false), (facts.End, facts.ReceivedCount, facts.HasDate, facts.HasMessageId));
        Assert.Equal(HeaderEnd.Limit, HeaderFacts.Scan(message, 0).End);
        Assert.Equal(HeaderEnd.BlankLine, HeaderFacts.Scan(message, message.Length).End);
    }

    [Fact]
    public void Long_header_takes_linear_time_and_no_memory()
    {
        byte[] message = [.. Enumerable.Repeat("X-Long: value\r\n\tfolded\r\n"u8.ToArray(), 100_000).SelectMany(static line => line), .. "\r\n"u8];
        HeaderFacts.Scan(message, int.MaxValue);
        long before = GC.GetAllocatedBytesForCurrentThread();
        HeaderFacts facts = HeaderFacts.Scan(message, int.MaxValue);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(message.Length - 2, facts.SectionLength);
        Assert.Equal(HeaderEnd.Limit, HeaderFacts.Scan(message).End);
    }

    private static List<HeaderField> Walk(HeaderScanner scanner, out HeaderEnd end)
    {
        var fields = new List<HeaderField>();
        while (scanner.MoveNext())
            fields.Add(scanner.Current);
        end = scanner.End;
        return fields;
    }

    // The same by lines of text, without any care for speed.
    private static List<HeaderField> PlainWalk(byte[] message, bool cut, out HeaderEnd end)
    {
        string text = Encoding.Latin1.GetString(message);
        var fields = new List<HeaderField>();
        for (int at = 0; ;)
        {
            string line = LineAt(text, at);
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string name = colon < 0 ? "" : line[..colon].TrimEnd(' ', '\t');
            bool isField = name.Length > 0 && line[0] is not (' ' or '\t') && !name.Any(static c => (c < ' ' && c != '\t') || c == 127);
            if (line.Length == 0)
                end = cut ? HeaderEnd.Limit : HeaderEnd.EndOfMessage;
            else if (line is "\r\n" or "\n")
                end = HeaderEnd.BlankLine;
            else if (!isField)
                end = cut && !line.EndsWith('\n') ? HeaderEnd.Limit : HeaderEnd.OtherLine;
            else
                end = HeaderEnd.None;
            if (end != HeaderEnd.None)
                return fields;
            int next = at + line.Length;
            while (next < text.Length && text[next] is ' ' or '\t')
                next += LineAt(text, next).Length;
            fields.Add(new HeaderField(at, name.Length, at + colon + 1, next));
            at = next;
        }
    }

    private static string LineAt(string text, int at)
    {
        int lineFeed = text.IndexOf('\n', at);
        return lineFeed < 0 ? text[at..] : text[at..(lineFeed + 1)];
    }
}
