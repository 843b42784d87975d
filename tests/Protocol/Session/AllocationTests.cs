using System.Text;
using SlimtaFast.Mail;

namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>What a session allocates once it is warm.</summary>
public class AllocationTests
{
    private const int Rounds = 200;

    [Fact]
    public void Commands_allocate_nothing()
    {
        // NOOP and RSET alone would be junk; refused ones count nowhere.
        long cost = MeasureRound("EHLO client.example\r\n", "VRFY someone\r\nNOOP\r\nRSET\r\nHELP\r\n", new SmtpServerOptions { MaxJunkCommands = int.MaxValue });

        Assert.Equal(0, cost);
    }

    [Fact]
    public void Refused_content_allocates_only_its_transaction()
    {
        long refused = MeasureRound(
            "EHLO c\r\n", "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA x\r\nRSET\r\n", new SmtpServerOptions { MaxErrors = int.MaxValue, MaxJunkCommands = int.MaxValue, RefuseEarlyContent = false });
        long sent = MeasureRound(
            "EHLO c\r\n", "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nBDAT 1000 LAST\r\n" + new string('x', 998) + "\r\n", new SmtpServerOptions());

        // Two addresses, a recipient, the transaction and its list; for the content its writer and its result.
        Assert.InRange(refused, 1, 400);
        Assert.InRange(sent, refused, refused + 200);
    }

    // Octets allocated for one more round of the script, after the first half has warmed everything up.
    private static long MeasureRound(string hello, string round, SmtpServerOptions options)
    {
        byte[][] pieces = [Encoding.ASCII.GetBytes(hello), .. Enumerable.Repeat(Encoding.ASCII.GetBytes(round), Rounds)];
        var connection = new MeasuredConnection(pieces, Rounds / 2);
        var session = new SmtpServerSession(connection, new DiscardingHandler(), options);

        Task<SessionEndReason> run = session.RunAsync(CancellationToken.None);

        Assert.True(run.IsCompletedSuccessfully);
        Assert.Null(session.Fault);
        return connection.Allocated / (Rounds / 2);
    }

    private sealed class DiscardingHandler : SmtpServerHandler
    {
        public override ContentWriter BeginContent(SmtpServerSession session, MailTransaction transaction) => new DiscardingContentWriter(default);

        public override ValueTask<SmtpReply> OnMessageAsync(SmtpServerSession session, MailTransaction transaction, MessageContent content, CancellationToken cancellationToken)
        {
            content.Release();
            return default;
        }
    }
}
