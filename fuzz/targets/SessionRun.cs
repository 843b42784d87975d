using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.TestKit.Connections;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>What came of a session over a script.</summary>
internal sealed record SessionRun(string Text, IReadOnlyList<byte[]> Messages)
{
    // Mechanisms whose challenges are always the same.
    private static readonly SmtpAuthOptions Auth = new() { Mechanisms = [SaslMechanisms.Plain, SaslMechanisms.Login, SaslMechanisms.XOAuth2], AllowPlaintext = true, MaxFailures = int.MaxValue };

    // Chunks and errors without limit, so that the number of answers can be foretold.
    private static readonly SmtpServerOptions Options = new()
    {
        RefuseEarlyContent = false,
        MaxJunkCommands = int.MaxValue,
        MaxErrors = int.MaxValue,
        Auth = Auth,
        FutureRelease = TimeSpan.FromDays(7),
    };

    private static readonly SmtpServerOptions Lmtp = Options with { Lmtp = true };

    // What a session may allocate: its own buffers, and for each octet that came, what it was told and what it says to that.
    private const int MostAtRest = 1 << 20, MostForEachOctet = 256;

    // The same answers whenever they are given.
    private static readonly TimeProvider Stopped = new StoppedClock();

    /// <summary>Final reply lines.</summary>
    public int Replies => Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Count(static line => line.Length > 3 && line[3] == ' ');

    /// <summary>Runs a session; one that waits, faults, leaves answers unsent or takes memory out of proportion is a finding.</summary>
    public static SessionRun Play(params byte[][] pieces) => Play(Options, pieces);

    /// <summary>The same under LMTP.</summary>
    public static SessionRun PlayLmtp(params byte[][] pieces) => Play(Lmtp, pieces);

    private static SessionRun Play(SmtpServerOptions options, byte[][] pieces)
    {
        var connection = new ScriptedConnection(pieces);
        var handler = new Handler();
        var session = new SmtpServerSession(connection, handler, options, Stopped) { TrustsProxyCommands = options.Lmtp };
        long before = GC.GetAllocatedBytesForCurrentThread();
        Task<SessionEndReason> run = session.RunAsync(CancellationToken.None);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        FuzzAssert.That(run.IsCompletedSuccessfully, "The session does not end.");
        FuzzAssert.That(session.Fault is null, $"The session failed: {session.Fault}");
        FuzzAssert.That(connection.Answers.Unsent == 0, "An answer was not sent.");
        FuzzAssert.That(allocated <= MostAtRest + (MostForEachOctet * pieces.Sum(static piece => (long)piece.Length)), "The session took memory out of proportion.");
        return new SessionRun(connection.Answers.Text, handler.Messages);
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);
    }

    private sealed class Handler : SmtpServerHandler
    {
        public List<byte[]> Messages { get; } = [];

        public override bool MayHold(SmtpServerSession session) => true;

        public override ContentWriter BeginContent(SmtpServerSession session, MailTransaction transaction) =>
            new PooledContentWriter(new QueueId(1), int.MaxValue, null, static _ => throw new InvalidOperationException());

        public override ValueTask<SmtpReply> OnMessageAsync(SmtpServerSession session, MailTransaction transaction, MessageContent content, CancellationToken cancellationToken)
        {
            byte[] message = new byte[content.Length];
            ValueTask<int> read = content.ReadAsync(0, message, cancellationToken);
            FuzzAssert.That(read.IsCompletedSuccessfully && read.Result == message.Length, "A content cannot be read.");
            content.Release();
            Messages.Add(message);
            return default;
        }
    }
}
