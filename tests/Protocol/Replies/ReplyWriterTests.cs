using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Replies;
using SlimtaFast.TestKit.Connections;

namespace SlimtaFast.Protocol.Tests.Replies;

public class ReplyWriterTests
{
    [Theory]
    [InlineData(250, "2.1.0", "Ok", "250 2.1.0 Ok\r\n")]
    [InlineData(550, "5.7.123", "No", "550 5.7.123 No\r\n")]
    [InlineData(220, "", "mx", "220 mx\r\n")]
    [InlineData(550, "5.1.1", "", "550 5.1.1 \r\n")]
    [InlineData(550, "5.1.1", "one\r\ntwo", "550-5.1.1 one\r\n550 5.1.1 two\r\n")]
    [InlineData(550, "5.1.1", "jösé", "550 5.1.1 j?s?\r\n")]
    public void A_reply_is_written_line_by_line(int code, string status, string text, string expected)
    {
        EnhancedStatus parsed = EnhancedStatus.TryParse(status, out EnhancedStatus known, out _) ? known : default;

        Assert.Equal(expected, Write(new SmtpReply(code, parsed, text)));
    }

    [Fact]
    public void A_long_text_is_folded_into_lines_of_at_most_512_octets()
    {
        string[] lines = Write(new SmtpReply(550, "5.1.1", new string('x', 1200))).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(3, lines.Length);
        Assert.All(lines, line => Assert.InRange(line.Length + 2, 1, 512));
        Assert.Equal(["550-", "550-", "550 "], lines.Select(line => line[..4]));
    }

    [Fact]
    public async Task Nothing_is_sent_before_the_flush()
    {
        var output = new RecordingWriter();
        var replies = new ReplyWriter(output);

        replies.Write(Canned.Ok);
        replies.WriteChunkReceived(long.MaxValue);

        Assert.True(replies.HasUnsent);
        Assert.Equal(0, output.FlushCount);
        await replies.FlushAsync();
        Assert.Equal(["250 2.0.0 Ok\r\n250 2.0.0 9223372036854775807 octets received\r\n"], output.Flushes);
        Assert.False(replies.HasUnsent);
    }

    [Fact]
    public void Every_canned_reply_is_a_whole_reply_whose_codes_agree()
    {
        foreach (Canned reply in Enum.GetValues<Canned>())
        {
            string text = Encoding.ASCII.GetString(CannedReplies.Get(reply));
            if (reply == Canned.None)
            {
                Assert.Empty(text);
                continue;
            }

            Assert.Matches(reply == Canned.StartMail ? "^354 [ -~]+\r\n$" : "^([245])[0-9]{2} \\1\\.[0-9]{1,3}\\.[0-9]{1,3} [ -~]+\r\n$", text);
            Assert.InRange(text.Length, 1, 512);
        }
    }

    private static string Write(SmtpReply reply)
    {
        var output = new RecordingWriter();
        new ReplyWriter(output).Write(in reply);
        return output.Text;
    }
}
