using FsCheck.Xunit;

namespace SlimtaFast.Mail.Tests;

public sealed class SmtpReplyTests
{
    [Theory]
    [InlineData(250, true, false, false, false)]
    [InlineData(221, true, false, false, true)]
    [InlineData(354, false, false, false, false)]
    [InlineData(421, false, true, false, true)]
    [InlineData(452, false, true, false, false)]
    [InlineData(550, false, false, true, false)]
    public void Code_tells_the_class(int code, bool positive, bool transient, bool permanent, bool closes)
    {
        var reply = new SmtpReply(code, default(EnhancedStatus), "x");
        Assert.Equal((positive, transient, permanent, closes), (reply.IsPositive, reply.IsTransient, reply.IsPermanent, reply.Closes));
        Assert.False(reply.IsNone);
    }

    [Theory]
    [InlineData(199)]
    [InlineData(600)]
    [InlineData(0)]
    public void Code_outside_200_to_599_is_refused(int code) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SmtpReply(code, default(EnhancedStatus), "x"));

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\rb")]
    [InlineData("a\r")]
    [InlineData("a\0b")]
    [InlineData("a\tb")]
    [InlineData("a\u0085b")]
    public void Text_with_control_characters_is_refused(string text) =>
        Assert.Throws<ArgumentException>(() => new SmtpReply(250, default(EnhancedStatus), text));

    [Fact]
    public void Text_of_several_lines_prints_as_one() =>
        Assert.Equal("550 5.1.1 No such user / Sorry", new SmtpReply(550, "5.1.1", "No such user\r\nSorry").ToString());

    [Fact]
    public void Reply_without_a_status_prints_without_one() => Assert.Equal("250 Ok", new SmtpReply(250, default(EnhancedStatus), "Ok").ToString());

    [Fact]
    public void Default_is_no_reply()
    {
        SmtpReply none = default;
        Assert.True(none.IsNone);
        Assert.Equal("", none.Text);
        Assert.Equal("", none.ToString());
        Assert.False(none.IsPositive || none.IsTransient || none.IsPermanent);
    }

    [Fact]
    public void Status_that_is_none_is_refused() => Assert.Throws<ArgumentException>(() => new SmtpReply(250, "ok", "x"));

    [Property]
    public bool Foreign_text_of_any_kind_makes_a_clean_reply(string? text)
    {
        SmtpReply reply = SmtpReply.FromForeignText(450, default, text);
        return reply.Code == 450 && !reply.Text.Any(char.IsControl);
    }

    [Fact]
    public void Foreign_text_is_cut() => Assert.Equal(900, SmtpReply.FromForeignText(450, default, new string('x', 5000)).Text.Length);
}
