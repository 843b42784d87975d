using System.Text;
using FsCheck.Xunit;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Tests.Commands;

public class CommandParserTests
{
    [Theory]
    [InlineData("EHLO mail.example", "Ehlo", "mail.example")]
    [InlineData("ehlo mail.example", "Ehlo", "mail.example")]
    [InlineData("HeLo  x ", "Helo", "x")]
    [InlineData("MAIL FROM:<a@b>", "Mail", "FROM:<a@b>")]
    [InlineData("RCPT TO:<a@b> NOTIFY=NEVER", "Rcpt", "TO:<a@b> NOTIFY=NEVER")]
    [InlineData("data", "Data", "")]
    [InlineData("BDAT 10 LAST", "Bdat", "10 LAST")]
    [InlineData("RSET", "Rset", "")]
    [InlineData("noop anything", "Noop", "anything")]
    [InlineData("VRFY joe", "Vrfy", "joe")]
    [InlineData("EXPN list", "Expn", "list")]
    [InlineData("HELP", "Help", "")]
    [InlineData("QUIT ", "Quit", "")]
    [InlineData("GET / HTTP/1.1", "Foreign", "")]
    [InlineData("POST /x HTTP/1.0", "Foreign", "")]
    [InlineData("CONNECT a:25 HTTP/1.1", "Foreign", "")]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1 2", "Foreign", "")]
    [InlineData("SSH-2.0-x", "Foreign", "")]
    [InlineData("\u0016\u0003\u0001\u0002", "Foreign", "")]
    public void A_known_verb_gives_verb_and_argument(string line, string verb, string argument)
    {
        Command command = CommandParser.Parse(Encoding.Latin1.GetBytes(line));

        Assert.Equal(Canned.None, command.Error);
        Assert.Equal(verb, command.Verb.ToString());
        Assert.Equal(argument, Encoding.Latin1.GetString(command.Argument));
    }

    [Theory]
    [InlineData("")]
    [InlineData("EHL")]
    [InlineData("EHLOx")]
    [InlineData("MAILFROM:<a@b>")]
    [InlineData("FOO bar")]
    [InlineData(" EHLO x")]
    [InlineData("get / http")]
    [InlineData("\u00c3\u00a9HLO")]
    public void Anything_else_is_not_recognized(string line) =>
        Assert.Equal(Canned.UnknownCommand, CommandParser.Parse(Encoding.Latin1.GetBytes(line)).Error);

    [Theory]
    [InlineData("NOOP \0")]
    [InlineData("NOOP a\rb")]
    [InlineData("NOOP a\nb")]
    [InlineData("NOOP a\tb")]
    [InlineData("NOOP \u007f")]
    [InlineData("NOOP \u0080")]
    [InlineData("NOOP \u00c0\u00af")]
    [InlineData("NOOP \u00ed\u00a0\u0080")]
    [InlineData("NOOP \u00c2\u0085")]
    [InlineData("NOOP \u00e2\u0080\u00a8")]
    [InlineData("NOOP \u00e2\u0080\u00a9")]
    public void Controls_and_malformed_utf8_are_refused(string line) =>
        Assert.Equal(Canned.ControlInCommand, CommandParser.Parse(Encoding.Latin1.GetBytes(line)).Error);

    [Fact]
    public void Well_formed_utf8_is_taken_and_told()
    {
        Command command = CommandParser.Parse("MAIL FROM:<jösé@例え.example>"u8);

        Assert.Equal(Canned.None, command.Error);
        Assert.False(command.IsAscii);
    }

    [Property(MaxTest = 2000)]
    public void No_line_throws(byte[] line)
    {
        Command command = CommandParser.Parse(line);

        Assert.True(command.Error != Canned.None || command.Verb != CommandVerb.Unknown);
    }
}
