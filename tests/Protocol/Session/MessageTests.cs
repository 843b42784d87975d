using SlimtaFast.Mail;
using SlimtaFast.TestKit.Connections;

namespace SlimtaFast.Protocol.Tests.Session;

public class MessageTests
{
    [Fact]
    public async Task Data_in_lockstep_reaches_the_handler_and_is_answered_250()
    {
        var handler = new RecordingHandler();
        var connection = new ScriptedConnection(
            "EHLO client.example\r\n", "MAIL FROM:<a@b.example> SIZE=20\r\n", "RCPT TO:<c@d.example>\r\n", "DATA\r\n", "Subject: x\r\n\r\n..dot\r\n.\r\n", "QUIT\r\n");

        var session = new SmtpServerSession(connection, handler, new SmtpServerOptions { HostName = "mx.example" });
        SessionEndReason end = await session.RunAsync(default);

        Assert.Null(session.Fault);
        Assert.Equal(SessionEndReason.Quit, end);
        Assert.Equal(["Subject: x\r\n\r\n.dot\r\n"], handler.Messages);
        Assert.Equal("a@b.example", handler.Transactions[0].ReversePath.Address);
        Assert.Equal("c@d.example", handler.Transactions[0].Recipients[0].Address.Address);
        Assert.Equal(ContentTraits.LeadingDot, handler.Traits[0]);
        Assert.Equal(
            [
                "220 mx.example ESMTP\r\n",
                "250-mx.example\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250-CHUNKING\r\n250-DSN\r\n250-BINARYMIME\r\n250-DELIVERBY\r\n250-MT-PRIORITY\r\n250-LIMITS RCPTMAX=1000\r\n250 HELP\r\n",
                "250 2.1.0 Ok\r\n",
                "250 2.1.5 Ok\r\n",
                "354 End data with <CR><LF>.<CR><LF>\r\n",
                "250 2.0.0 Ok: message accepted\r\n",
                "221 2.0.0 mx.example closing\r\n",
            ],
            connection.Answers.Flushes);
    }

    [Fact]
    public async Task Chunks_in_one_burst_are_answered_in_one_flush()
    {
        var handler = new RecordingHandler();
        var connection = new ScriptedConnection(
            "EHLO c\r\n", "MAIL FROM:<>\r\nRCPT TO:<c@d.example>\r\nBDAT 5\r\na\r\n.\rBDAT 3 LAST\r\n\n\r\n", "QUIT\r\n");

        await new SmtpServerSession(connection, handler, new SmtpServerOptions()).RunAsync(default);

        Assert.Equal(["a\r\n.\r\n\r\n"], handler.Messages);
        Assert.Equal("250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n250 2.0.0 5 octets received\r\n250 2.0.0 Ok: message accepted\r\n", connection.Answers.Flushes[2]);
    }
}
