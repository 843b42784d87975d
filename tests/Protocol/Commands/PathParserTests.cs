using System.Text;
using FsCheck.Xunit;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Tests.Commands;

public class PathParserTests
{
    [Theory]
    [InlineData("FROM:<a@b.example>", "a@b.example", "")]
    [InlineData("from:<a@b.example>", "a@b.example", "")]
    [InlineData("FROM: <a@b.example>  SIZE=1 ", "a@b.example", "SIZE=1")]
    [InlineData("FROM:<>", "", "")]
    [InlineData("FROM:<> BODY=7BIT", "", "BODY=7BIT")]
    [InlineData("FROM:<@x.example,@y.example:a@b.example>", "a@b.example", "")]
    [InlineData("FROM:<\"a b\"@x.example>", "\"a b\"@x.example", "")]
    [InlineData("FROM:<\"a@b>\"@x.example> X=1", "\"a@b>\"@x.example", "X=1")]
    [InlineData("FROM:<\"\\\">\"@x.example>", "\"\\\">\"@x.example", "")]
    [InlineData("FROM:<a@[192.0.2.1]>", "a@[192.0.2.1]", "")]
    [InlineData("FROM:<a@[IPv6:::1]>", "a@[IPv6:::1]", "")]
    public void A_sender_is_read(string argument, string address, string rest)
    {
        Canned error = PathParser.TryParseSender(Encoding.UTF8.GetBytes(argument), out Mailbox mailbox, out ReadOnlySpan<byte> parameters);

        Assert.Equal(Canned.None, error);
        Assert.Equal(address, mailbox.Address);
        Assert.Equal(rest, Encoding.UTF8.GetString(parameters));
    }

    [Theory]
    [InlineData("", "MailSyntax")]
    [InlineData("TO:<a@b.example>", "MailSyntax")]
    [InlineData("FROM:a@b.example", "MailSyntax")]
    [InlineData("FROM:<a@b.example", "MailSyntax")]
    [InlineData("FROM:<a@b.example>x", "MailSyntax")]
    [InlineData("FROM <a@b.example>", "MailSyntax")]
    [InlineData("FROM:<\"a@b.example>", "MailSyntax")]
    [InlineData("FROM:<a>", "BadSender")]
    [InlineData("FROM:<postmaster>", "BadSender")]
    [InlineData("FROM:< a@b.example>", "BadSender")]
    [InlineData("FROM:<@x.example>", "BadSender")]
    [InlineData("FROM:<a@b..example>", "BadSender")]
    [InlineData("FROM:<a@>", "BadSender")]
    [InlineData("FROM:<a@b@c.example>", "BadSender")]
    [InlineData("FROM:<<a@b.example>>", "MailSyntax")]
    public void A_bad_sender_is_refused(string argument, string error) =>
        Assert.Equal(error, PathParser.TryParseSender(Encoding.UTF8.GetBytes(argument), out _, out _).ToString());

    [Theory]
    [InlineData("TO:<postmaster>", "postmaster")]
    [InlineData("TO:<Postmaster>", "Postmaster")]
    [InlineData("To: <a@b.example>", "a@b.example")]
    public void A_recipient_is_read(string argument, string address)
    {
        Assert.Equal(Canned.None, PathParser.TryParseRecipient(Encoding.UTF8.GetBytes(argument), out Mailbox mailbox, out _));
        Assert.Equal(address, mailbox.Address);
    }

    [Theory]
    [InlineData("TO:<>", "BadRecipient")]
    [InlineData("TO:<a>", "BadRecipient")]
    [InlineData("FROM:<a@b.example>", "RecipientSyntax")]
    [InlineData("TO:", "RecipientSyntax")]
    public void A_bad_recipient_is_refused(string argument, string error) =>
        Assert.Equal(error, PathParser.TryParseRecipient(Encoding.UTF8.GetBytes(argument), out _, out _).ToString());

    [Property(MaxTest = 2000)]
    public void No_argument_throws(byte[] argument)
    {
        PathParser.TryParseSender([.. "FROM:<"u8, .. argument], out Mailbox sender, out _);
        PathParser.TryParseRecipient([.. "TO:<"u8, .. argument, (byte)'>'], out Mailbox recipient, out _);

        Assert.DoesNotContain(sender.Address + recipient.Address, char.IsControl);
    }
}
