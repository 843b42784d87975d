using SlimtaFast.Mail;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Connections;

namespace SlimtaFast.Protocol.Tests.Client;

public class AllocationTests
{
    private static readonly byte[] Greeting = "220 x\r\n"u8.ToArray();
    private static readonly byte[] Hello = "250-x\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 CHUNKING\r\n"u8.ToArray();
    private static readonly byte[] Answers = "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n250 2.0.0 Ok: queued as 0\r\n"u8.ToArray();
    private static readonly byte[] UniqueAnswers = "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n250 2.0.0 Ok: queued as 4711\r\n"u8.ToArray();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Send_message_over_an_open_session_allocates_nothing(bool waits)
    {
        var connection = new AnsweringConnection(waits, Greeting, Hello, Answers);
        (SmtpClientSession session, Envelope envelope) = Open(connection);
        for (int i = 0; i < 200; i++)
            Assert.True(Send(session, envelope, connection));
        int sends = connection.Sends;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Send(session, envelope, connection);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(sends + 1000, connection.Sends);
    }

    [Fact]
    public void Send_answer_that_differs_costs_its_text()
    {
        byte[] answers = (byte[])UniqueAnswers.Clone();
        var connection = new AnsweringConnection(false, Greeting, Hello, answers);
        (SmtpClientSession session, Envelope envelope) = Open(connection);
        for (int i = 0; i < 200; i++)
            Send(session, envelope, connection);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            answers[^3] = (byte)('0' + (i % 10));
            Send(session, envelope, connection);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 1000 * 80);
    }

    private static (SmtpClientSession Session, Envelope Envelope) Open(AnsweringConnection connection)
    {
        // Continuations have to run within Release, not on the test runner's threads.
        SynchronizationContext.SetSynchronizationContext(null);
        var session = new SmtpClientSession(connection, new SmtpClientOptions());
        connection.Answer();
        Task<SmtpReply> opening = session.OpenAsync(CancellationToken.None).AsTask();
        while (connection.Release())
        {
        }

        Assert.True(opening.IsCompletedSuccessfully);
        return (session, Envelopes.Make(Contents.InMemory()));
    }

    private static bool Send(SmtpClientSession session, Envelope envelope, AnsweringConnection connection) =>
        Finish(session.SendAsync(envelope, envelope.Recipients, false, CancellationToken.None), connection);

    private static bool Finish(ValueTask<SmtpTransactionResult> sending, AnsweringConnection connection)
    {
        while (!sending.IsCompleted)
            connection.Release();
        return sending.GetAwaiter().GetResult().Replies[0].Reply.IsPositive;
    }
}
