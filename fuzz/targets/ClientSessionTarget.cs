using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>
/// A client session against a server that says anything at all: it ends, never throws, tells of every recipient while it works, and
/// gives the connection up when it does not.
/// </summary>
public sealed class ClientSessionTarget : IFuzzTarget
{
    private const int Messages = 3;

    private static readonly Envelope Message = MakeMessage();
    private static readonly SmtpClientOptions Lmtp = new() { Lmtp = true };
    private static readonly SmtpClientOptions Smtp = new();

    // A token, because hashing a password as often as a server says is what the target has no time for.
    private static readonly SmtpClientOptions Authenticating = new() { Credentials = new SmtpCredentials("user", "token") { IsToken = true, AllowPlaintext = true } };

    /// <inheritdoc/>
    public string Name => "client-session";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        byte[] talk = input.ToArray();
        Task run = Task.WhenAll(PlayAsync(talk, Smtp), PlayAsync(talk, Lmtp), PlayAsync(talk, Authenticating));
        FuzzAssert.That(run.IsCompleted, "The session waits although the server has said everything.");
        run.GetAwaiter().GetResult();
    }

    private static async Task PlayAsync(byte[] talk, SmtpClientOptions options)
    {
        var server = new TalkingServer(talk);
        await using var session = new SmtpClientSession(server, options);
        SmtpReply reply = await session.OpenAsync(CancellationToken.None);
        FuzzAssert.That(reply.IsNone == (session.Failure != SmtpClientFailure.None), "A session broke without saying so, or said so and did not.");
        FuzzAssert.That(!session.IsUsable || reply.IsPositive, "A session is open although the server refused.");
        for (int i = 0; i < Messages && session.IsUsable; i++)
        {
            SmtpTransactionResult result = await session.SendAsync(Message, Message.Recipients, false, CancellationToken.None);
            FuzzAssert.That(result.Replies.Length == Message.Recipients.Count, "A recipient has no entry.");
            foreach (SmtpRecipientReply answer in result.Replies)
            {
                FuzzAssert.That(!answer.Reply.IsNone || result.Failure != SmtpClientFailure.None, "A recipient has no answer although the session works.");
                FuzzAssert.That(!answer.Reply.IsPositive || answer.Stage == SmtpClientStage.Final, "A recipient counts as delivered before the last answer.");
            }

            FuzzAssert.That(!result.PossiblyDelivered || result.Failure != SmtpClientFailure.None, "A working session does not know what became of the message.");
        }

        FuzzAssert.That(session.Failure == SmtpClientFailure.None || server.IsAborted, "A broken session keeps its connection.");
    }

    private static Envelope MakeMessage()
    {
        byte[] text = "Subject: x\r\n\r\n.body\r\n"u8.ToArray();
        using var writer = new PooledContentWriter(default, int.MaxValue, null, static _ => throw new InvalidOperationException("It stays in memory."));
        writer.WriteAsync(text, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return new Envelope
        {
            Id = default,
            ReversePath = Mailbox.Parse("a@x.example"),
            Recipients = [new Recipient(Mailbox.Parse("b@y.example")), new Recipient(Mailbox.Parse("c@y.example"), DsnNotify.Never)],
            Content = writer.CompleteAsync(ContentTraits.LeadingDot, CancellationToken.None).AsTask().GetAwaiter().GetResult(),
            ReceivedAt = default,
            Client = new ClientFacts(),
            Terms = new DeliveryTerms { By = new DeliverBy(DateTimeOffset.MaxValue, DeliverByMode.Notify, Trace: true), Priority = 9 },
        };
    }
}
