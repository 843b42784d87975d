using FsCheck.Xunit;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Http;

namespace SlimtaFast.Protocol.Tests.Http;

public sealed class ReplyHeaderTests
{
    [Theory]
    [InlineData("250; message=\"2.6.0 Message accepted for delivery\"", 250, "2.6.0", "Message accepted for delivery")]
    [InlineData("550; message=\"5.1.1 No such user\"; command=\"RCPT\"", 550, "5.1.1", "No such user")]
    [InlineData("  550 ;  command=\"RCPT\" ;message = \"5.1.1 No\" ", 550, "5.1.1", "No")]
    [InlineData("550", 550, "", "")]
    [InlineData("450; message=\"no code\"", 450, "", "no code")]
    [InlineData("450; message=later", 450, "", "later")]
    [InlineData("550; message=\"2.1.1 of another class\"", 550, "5.1.1", "of another class")]
    [InlineData("550; message=\"say \\\"hi\\\" \\\\\"", 550, "", "say \"hi\" \\")]
    [InlineData("550; message=\"never closed", 550, "", "never closed")]
    [InlineData("550; message=\"a; b, c\"", 550, "", "a; b, c")]
    [InlineData("550; message=\"a\tb\"", 550, "", "a b")]
    public void Reply_is_read(string field, int code, string status, string text)
    {
        Assert.True(ReplyHeader.TryParse(field, out SmtpReply reply));
        Assert.Equal((code, status, text), (reply.Code, reply.Status.ToString(), reply.Text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("25")]
    [InlineData("2500; message=\"x\"")]
    [InlineData("199; message=\"x\"")]
    [InlineData("354; message=\"x\"")]
    [InlineData("600; message=\"x\"")]
    [InlineData("+50; message=\"x\"")]
    [InlineData("550 message=\"x\"")]
    [InlineData("550; message")]
    [InlineData("550; message=\"x\" y")]
    public void What_is_no_reply_is_refused(string field) => Assert.False(ReplyHeader.TryParse(field, out _));

    [Property]
    public void Reply_reads_as_it_was_written(byte number, byte subject, byte detail, string noise)
    {
        int code = number % 3 == 0 ? 200 + (number % 100) : 400 + (number % 200);
        var status = new EnhancedStatus((byte)(code / 100), subject, detail);
        SmtpReply reply = SmtpReply.FromForeignText(code, number % 2 == 0 ? status : default, "x" + noise + "\\\"y");
        string field = ReplyHeader.Format(reply);
        Assert.DoesNotContain(field, char.IsControl);
        Assert.True(ReplyHeader.TryParse(field, out SmtpReply read));
        Assert.Equal(reply, read);
        Assert.True(ReplyHeader.TryParseForRecipients(ReplyHeader.FormatForRecipient(1, reply) + "," + ReplyHeader.FormatForRecipient(0, reply), new SmtpReply[2]));
    }

    [Fact]
    public void Line_breaks_become_blanks_and_a_long_text_is_cut()
    {
        Assert.Equal("550; message=\"5.1.1 one two\"", ReplyHeader.Format(new SmtpReply(550, "5.1.1", "one\r\ntwo")));
        Assert.Equal(1000 + "550; message=\"\"".Length, ReplyHeader.Format(new SmtpReply(550, default(EnhancedStatus), new string('x', 5000))).Length);
    }

    [Property]
    public void No_text_makes_reading_throw(string text)
    {
        _ = ReplyHeader.TryParse(text, out _);
        _ = ReplyHeader.TryParseForRecipients("0; 550; " + text, new SmtpReply[2]);
        Assert.True(ReplyHeader.TryParse("550; message=\"" + (text ?? "").Replace("\"", "", StringComparison.Ordinal), out _));
    }

    [Theory]
    [InlineData("1; 550; message=\"5.1.1 no, \\\"really\\\"\", 0; 450")]
    [InlineData("0;450,1;550;message=\"5.1.1 no, \\\"really\\\"\"")]
    public void Replies_for_recipients_may_be_joined(string field)
    {
        var replies = new SmtpReply[3];
        Assert.True(ReplyHeader.TryParseForRecipients(field, replies));
        Assert.Equal(["450 ", "550 5.1.1 no, \"really\"", ""], replies.Select(r => r.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("3; 550")]
    [InlineData("-1; 550")]
    [InlineData("x; 550")]
    [InlineData("0; 550 1; 450")]
    [InlineData("0; 550,")]
    [InlineData("0; 700")]
    public void Replies_for_recipients_that_cannot_be_read_are_refused(string field) =>
        Assert.False(ReplyHeader.TryParseForRecipients(field, new SmtpReply[3]));
}
