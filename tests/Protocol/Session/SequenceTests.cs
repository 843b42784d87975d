using SlimtaFast.Mail;
using SlimtaFast.TestKit.Connections;
using static SlimtaFast.Protocol.Tests.Session.Dialogue;

namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>Which command is allowed when, and what transactions survive.</summary>
public class SequenceTests
{
    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task Commands_out_of_order_are_answered_503(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, From, To, Begin, "BDAT 3\r\nabc", Ehlo, To, Begin, "BDAT 3 LAST\r\nabc", From, From, Begin, To, From, Quit);

        Assert.Equal(
            [
                "503 5.5.1", "503 5.5.1", "503 5.5.1", "503 5.5.1",
                "503 5.5.1", "503 5.5.1", "503 5.5.1",
                "250 2.1.0", "503 5.5.1", "554 5.5.1", "250 2.1.5", "503 5.5.1", "221 2.0.0",
            ],
            run.Codes);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task Data_without_a_valid_recipient_gets_no_354(Cut cut)
    {
        var handler = new RecordingHandler { OnRecipient = _ => new SmtpReply(550, "5.1.1", "No such user") };

        Dialogue run = await PlayAsync(cut, handler, Ehlo, From + To + To + Begin, Quit);

        Assert.Equal(["250 2.1.0", "550 5.1.1", "550 5.1.1", "554 5.5.1", "221 2.0.0"], run.Codes);
    }

    [Theory]
    [InlineData(From + "RCPT TO:<x\r\n" + Begin)]
    [InlineData("MAIL FROM:<x\r\n" + To + Begin)]
    [InlineData(From + To + "DATA x\r\n")]
    [InlineData(From + To + "BDAT 1\r\na" + Begin)]
    public async Task Content_that_comes_along_with_a_refused_data_is_not_run_as_commands(string group)
    {
        var connection = new ScriptedConnection(Ehlo, group + "RSET\r\n" + From + To + "BDAT 1 LAST\r\nb" + Quit);

        Dialogue run = await RunAsync(connection, new RecordingHandler(), new SmtpServerOptions());

        Assert.Empty(run.Handler.Messages);
        Assert.Equal("554 5.5.0", run.Codes[^1]);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task A_refused_recipient_is_left_out(Cut cut)
    {
        var handler = new RecordingHandler { OnRecipient = address => address.StartsWith('x') ? new SmtpReply(450, "4.2.1", "Later") : default };

        Dialogue run = await PlayAsync(cut, handler, Ehlo, From, "RCPT TO:<x@d.example>\r\n", To, To, Begin, "m\r\n.\r\n", Quit);

        Assert.Equal(["c@d.example", "c@d.example"], run.Handler.Transactions[0].Recipients.Select(recipient => recipient.Address.Address));
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task A_new_hello_and_a_reset_end_the_transaction(Cut cut)
    {
        Dialogue run = await PlayAsync(cut, Ehlo, From, To, Ehlo, Begin, From, To, "RSET\r\n", Begin, "RSET\r\n", From, "EHLO \r\n", To, Quit);

        Assert.Equal(
            ["250 2.1.0", "250 2.1.5", "503 5.5.1", "250 2.1.0", "250 2.1.5", "250 2.0.0", "503 5.5.1", "250 2.0.0", "250 2.1.0", "501 5.5.4", "250 2.1.5", "221 2.0.0"],
            run.Codes);
        Assert.Equal(2, run.Handler.Resets);
    }

    [Theory]
    [InlineData("MAIL FROM:<a@b.example> SIZE=52428801\r\n", "552 5.3.4")]
    [InlineData("MAIL FROM:<a@b.example> SIZE=52428800\r\n", "250 2.1.0")]
    [InlineData("MAIL FROM:<a@b.example> SIZE=99999999999999999999\r\n", "552 5.3.4")]
    [InlineData("MAIL FROM:<a@b.example> SIZE=-1\r\n", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b.example> FOO=BAR\r\n", "555 5.5.4")]
    [InlineData("MAIL FROM:<a@b.example> BODY=FOO\r\n", "501 5.5.4")]
    [InlineData("MAIL FROM: <a@b.example> BODY=7BIT\r\n", "250 2.1.0")]
    [InlineData("MAIL FROM:a@b.example\r\n", "501 5.5.4")]
    [InlineData("MAIL\r\n", "501 5.5.4")]
    [InlineData("MAIL FROM:<\"a\nb\"@b.example>\r\n", "500 5.5.2")]
    [InlineData("MAIL FROM:<\"a\rb\"@b.example>\r\n", "500 5.5.2")]
    [InlineData("MAIL FROM:<a\0@b.example>\r\n", "500 5.5.2")]
    [InlineData("MAIL FROM:<\u00c3\u00a9@b.example>\r\n", "553 5.6.7")]
    [InlineData("MAIL FROM:<\u00c3\u00a9@b.example> SMTPUTF8\r\n", "250 2.1.0")]
    [InlineData("MAIL FROM:<\u00ff@b.example> SMTPUTF8\r\n", "500 5.5.2")]
    [InlineData("MAIL FROM:<a@b..example>\r\n", "501 5.1.7")]
    public async Task A_sender_is_judged(string line, string code)
    {
        foreach (Cut cut in Enum.GetValues<Cut>())
            Assert.Equal(code, (await PlayAsync(cut, Ehlo, line)).Codes[0]);
    }

    [Theory]
    [InlineData("RCPT TO:<>\r\n", "501 5.1.3")]
    [InlineData("RCPT TO:<postmaster>\r\n", "250 2.1.5")]
    [InlineData("RCPT\r\n", "501 5.5.4")]
    [InlineData("RCPT TO:<@x.example:c@d.example>\r\n", "250 2.1.5")]
    [InlineData("RCPT TO:<c@d.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;c+2B@d.example\r\n", "250 2.1.5")]
    [InlineData("RCPT TO:<c@d.example> NOTIFY=MAYBE\r\n", "501 5.5.4")]
    [InlineData("RCPT TO:<c@d.example> SIZE=1\r\n", "555 5.5.4")]
    [InlineData("RCPT TO:<\u00c3\u00a9@d.example>\r\n", "553 5.6.7")]
    public async Task A_recipient_is_judged_and_the_transaction_stays(string line, string code)
    {
        foreach (Cut cut in Enum.GetValues<Cut>())
        {
            Dialogue run = await PlayAsync(cut, Ehlo, From, line, To, Begin, "m\r\n.\r\n", Quit);

            Assert.Equal(code, run.Codes[1]);
            Assert.Single(run.Handler.Messages);
        }
    }

    [Fact]
    public async Task Delivery_status_parameters_reach_the_transaction()
    {
        Dialogue run = await PlayAsync(
            Cut.Lines, Ehlo, "MAIL FROM:<> RET=FULL ENVID=a+20b SIZE=3\r\n", "RCPT TO:<c@d.example> NOTIFY=NEVER ORCPT=rfc822;e@f.example\r\n", Begin, "m\r\n.\r\n");

        MailTransaction transaction = run.Handler.Transactions[0];
        Assert.True(transaction.ReversePath.IsNull);
        Assert.Equal(DsnReturn.Full, transaction.Return);
        Assert.Equal("a b", transaction.EnvelopeId);
        Assert.Equal(3, transaction.DeclaredSize);
        Assert.Equal(new Recipient(Mailbox.Parse("c@d.example"), DsnNotify.Never, "rfc822;e@f.example"), transaction.Recipients[0]);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task Recipients_beyond_the_limit_are_answered_452_and_the_others_stay(Cut cut)
    {
        Dialogue run = await PlayAsync(
            cut, new RecordingHandler(), Options with { MaxRecipients = 2 }, [Ehlo, From, .. Enumerable.Repeat(To, 50), Begin, "m\r\n.\r\n", Quit]);

        Assert.Equal(["250 2.1.5", "250 2.1.5", "452 4.5.3"], run.Codes[1..4]);
        Assert.Equal(2, run.Handler.Transactions[0].Recipients.Count);
    }

    [Theory]
    [InlineData("HELO c.example\r\n", "", "SMTP")]
    [InlineData("EHLO c.example\r\n", "", "ESMTP")]
    [InlineData("EHLO c.example\r\n", " SMTPUTF8", "UTF8SMTP")]
    public async Task The_client_is_known(string hello, string parameter, string protocol)
    {
        Dialogue run = await PlayAsync(Cut.Lines, hello, $"MAIL FROM:<a@b.example>{parameter}\r\n", To, Begin, ".\r\n", From, To, Begin, ".\r\n");

        Assert.Equal(protocol, run.Handler.Clients[0].Protocol);
        Assert.Equal("c.example", run.Handler.Clients[0].HelloName);
        Assert.Equal("192.0.2.7", run.Handler.Clients[0].Address?.ToString());
        Assert.Equal("mx.example", run.Handler.Clients[0].ServerName);
    }
}
