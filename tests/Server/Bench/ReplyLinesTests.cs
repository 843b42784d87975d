using System.Buffers;
using System.Text;
using FsCheck.Xunit;
using SlimtaFast.Server.Bench;
using SlimtaFast.TestKit;

namespace SlimtaFast.Server.Tests.Bench;

public sealed class ReplyLinesTests
{
    [Fact]
    public void Replies_are_taken_one_by_one()
    {
        byte[] input = Encoding.ASCII.GetBytes("220 hello\r\n250-one\r\n250-two\r\n250 three\r\n354\r\nwhat\r\n\n");
        Assert.Equal([220, 250, 354, 0, 0], Codes([input], out string rest));
        Assert.Equal("", rest);
    }

    [Fact]
    public void Incomplete_line_stays()
    {
        Assert.Equal([250], Codes([Encoding.ASCII.GetBytes("250 ok\r\n250-more\r\n35")], out string rest));
        Assert.Equal("35", rest);
    }

    [Property]
    public bool Any_split_gives_the_same_codes(byte[] noise, int cut)
    {
        byte[] input = [.. Encoding.ASCII.GetBytes("250-a\r\n250 b\r\n"), .. noise ?? [], .. Encoding.ASCII.GetBytes("\r\n354 go\r\n")];
        int at = Math.Abs(cut % (input.Length + 1));
        return Codes([input], out string whole).SequenceEqual(Codes([input[..at], input[at..]], out string split)) && whole == split;
    }

    private static List<int> Codes(byte[][] parts, out string rest)
    {
        ReadOnlySequence<byte> buffer = Segments.Of([.. parts.Select(p => new ReadOnlyMemory<byte>(p))]);
        var codes = new List<int>();
        while (ReplyLines.TryTakeReply(ref buffer, out int code))
            codes.Add(code);
        rest = Encoding.Latin1.GetString(buffer);
        return codes;
    }
}
