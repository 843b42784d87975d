using System.Text;
using FsCheck.Xunit;
using SlimtaFast.Queue.Spam;

namespace SlimtaFast.Queue.Tests.Spam;

public class SpamdReplyParserTests
{
    private const string Usual = "SPAMD/1.1 0 EX_OK\r\nContent-length: 20\r\nSpam: True ; 1000.0 / 5.0\r\n\r\nGTUBE,NO_RECEIVED\r\n ";

    private static readonly string[] Pieces =
        ["SPAMD/1.1 0 EX_OK\r\n", "SPAMD/1.5 0\n", "SPAMD/1.1 76 Bad\r\n", "Content-length: 5\r\n", "Content-length: 99999999999\r\n", "Spam: False ; -0.5 / 5.0\r\n", "Spam: Yes;1/2\r\n", "Spam: maybe\r\n", "\r\n", "A_B,", "C ", "\0", "é"];

    [Fact]
    public void Usual_reply_is_read()
    {
        Assert.Equal(SpamdReplyStatus.Done, SpamdReplyParser.Parse(Encoding.ASCII.GetBytes(Usual), isEnd: false, out SpamdVerdict? verdict));
        Assert.Equal(new SpamdVerdict(true, 1000, 5, "GTUBE,NO_RECEIVED"), verdict);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SPAMD/1.1 0 EX_OK\r\n\r\nA")]
    [InlineData("SPAMD/1.1 76 Bad header line\r\n\r\n")]
    [InlineData("SPAMD/1.0 01\r\nSpam: True ; 1 / 5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n")]
    [InlineData("SPAMD/1.1 0 EX_OK\r\nSpam: True ; NaN / 5.0\r\n\r\n")]
    [InlineData("SPAMD/1.1 0 EX_OK\r\nSpam: True ; 1e9 / 5.0\r\n\r\n")]
    [InlineData("SPAMD/1.1 0 EX_OK\r\nContent-length: -1\r\nSpam: True ; 1 / 5.0\r\n\r\n")]
    [InlineData("SPAMD/1.1 0 EX_OK\r\nContent-length: 9\r\nSpam: True ; 1 / 5.0\r\n\r\nshort")]
    public void What_is_no_verdict_is_bad(string reply) =>
        Assert.Equal(SpamdReplyStatus.Bad, SpamdReplyParser.Parse(Encoding.ASCII.GetBytes(reply), isEnd: true, out _));

    [Fact]
    public void Only_names_of_rules_are_kept()
    {
        byte[] reply = Encoding.UTF8.GetBytes("SPAMD/1.1 0 EX_OK\nSpam: No ; -1.25 / 5\n\nA_B, evil(,C1\r\n  é,,D");
        Assert.Equal(SpamdReplyStatus.Done, SpamdReplyParser.Parse(reply, isEnd: true, out SpamdVerdict? verdict));
        Assert.Equal(new SpamdVerdict(false, -1.25, 5, "A_B,C1,D"), verdict);
    }

    [Fact]
    public void Reply_without_end_is_bounded() =>
        Assert.Equal(SpamdReplyStatus.Bad, SpamdReplyParser.Parse(new byte[SpamdReplyParser.Longest + 1], isEnd: false, out _));

    [Property(MaxTest = 500)]
    public bool Any_split_gives_the_same_verdict_and_no_input_throws(byte[] picks)
    {
        byte[] reply = Encoding.UTF8.GetBytes(string.Concat(picks.Select(p => Pieces[p % Pieces.Length])));
        SpamdReplyStatus whole = SpamdReplyParser.Parse(reply, isEnd: false, out SpamdVerdict? verdict);
        for (int i = 0; i < reply.Length; i++)
        {
            SpamdReplyStatus part = SpamdReplyParser.Parse(reply.AsSpan(0, i), isEnd: false, out SpamdVerdict? early);
            if (part != SpamdReplyStatus.NeedMore && (part != whole || early != verdict))
                return false;
        }

        return SpamdReplyParser.Parse(reply, isEnd: true, out _) != SpamdReplyStatus.NeedMore;
    }
}
