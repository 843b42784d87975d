using SlimtaFast.Mail;
using SlimtaFast.TestKit.Connections;
using static SlimtaFast.Protocol.Tests.Session.Dialogue;

namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>How many packets of replies a burst of commands gets: one, and never a delayed answer to a message.</summary>
public class PipeliningTests
{
    private const string Group = From + To + Begin;

    [Fact]
    public async Task A_group_of_commands_is_answered_in_one_flush()
    {
        var connection = new ScriptedConnection(Ehlo, Group, "m\r\n.\r\n", Group, "m\r\n.\r\n", Quit);

        Dialogue run = await RunAsync(connection, new RecordingHandler(), new SmtpServerOptions());

        Assert.Equal(2, run.Handler.Messages.Count);
        Assert.Equal(7, connection.Answers.FlushCount);
        Assert.Equal("250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 End data with <CR><LF>.<CR><LF>\r\n", connection.Answers.Flushes[2]);
        Assert.Equal("250 2.0.0 Ok: message accepted\r\n", connection.Answers.Flushes[3]);
    }

    [Fact]
    public async Task A_group_behind_the_dot_is_answered_with_the_message()
    {
        var connection = new ScriptedConnection(Ehlo, Group, "m\r\n.\r\n" + Group, "m\r\n.\r\n" + Group, "m\r\n.\r\n" + Quit);

        Dialogue run = await RunAsync(connection, new RecordingHandler(), new SmtpServerOptions());

        Assert.Equal(3, run.Handler.Messages.Count);
        Assert.Equal(6, connection.Answers.FlushCount);
    }

    [Fact]
    public async Task A_thousand_recipients_are_answered_in_one_flush()
    {
        var connection = new ScriptedConnection(Ehlo, From + string.Concat(Enumerable.Repeat(To, 1000)) + Begin, "m\r\n.\r\n", Quit);

        await RunAsync(connection, new RecordingHandler(), new SmtpServerOptions());

        Assert.Equal(5, connection.Answers.FlushCount);
    }

    [Fact]
    public async Task The_answer_to_a_message_does_not_wait_for_the_next_question()
    {
        var question = new TaskCompletionSource<SmtpReply>();
        var handler = new AskingHandler(question.Task);
        var connection = new ScriptedConnection(Ehlo, From + To + "BDAT 0 LAST\r\n" + From, Quit);

        Task<Dialogue> running = RunAsync(connection, handler, new SmtpServerOptions());

        Assert.False(running.IsCompleted);
        Assert.EndsWith("250 2.0.0 Ok: message accepted\r\n", connection.Answers.Flushes[^1], StringComparison.Ordinal);
        question.SetResult(default);
        Dialogue run = await running;
        Assert.Equal(["250 2.1.0", "250 2.1.5", "250 2.0.0", "250 2.1.0", "221 2.0.0"], run.Codes);
    }

    [Fact]
    public async Task Replies_to_commands_may_wait_for_the_next_answer()
    {
        var commit = new TaskCompletionSource<SmtpReply>();
        var handler = new RecordingHandler { OnMessage = () => new ValueTask<SmtpReply>(commit.Task) };
        var connection = new ScriptedConnection(Ehlo, From + To + "BDAT 0 LAST\r\n", Quit);

        Task<Dialogue> running = RunAsync(connection, handler, new SmtpServerOptions());
        Assert.Equal(2, connection.Answers.FlushCount);
        commit.SetResult(new SmtpReply(250, "2.0.0", "queued as 1"));
        await running;

        Assert.Equal("250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n250 2.0.0 queued as 1\r\n", connection.Answers.Flushes[2]);
    }

    [Fact]
    public async Task The_answer_to_a_message_does_not_wait_for_a_slow_writer()
    {
        var disk = new TaskCompletionSource();
        int messages = 0;
        var handler = new RecordingHandler { Writer = () => new SlowWriter(++messages == 2 ? disk.Task : Task.CompletedTask) };
        var connection = new ScriptedConnection(Ehlo, From + To + "BDAT 3 LAST\r\na\r\n" + From + To + "BDAT 3 LAST\r\nb\r\n", Quit);

        Task<Dialogue> running = RunAsync(connection, handler, new SmtpServerOptions());

        Assert.False(running.IsCompleted);
        Assert.Equal("250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n250 2.0.0 Ok: message accepted\r\n250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n", connection.Answers.Flushes[2]);
        disk.SetResult();
        Assert.Equal(["a\r\n", "b\r\n"], (await running).Handler.Messages);
    }

    [Fact]
    public async Task A_wait_for_the_handler_does_not_run_against_the_clients_deadline()
    {
        var commit = new TaskCompletionSource<SmtpReply>();
        var handler = new RecordingHandler { OnMessage = () => new ValueTask<SmtpReply>(commit.Task) };
        var connection = new ScriptedConnection(Ehlo, From + To + "BDAT 0 LAST\r\n", Quit);
        Task<Dialogue> running = RunAsync(connection, handler, Options);
        int before = connection.Deadlines.Count;

        commit.SetResult(default);
        await running;

        // One for the answer and the next command, one for the farewell.
        Assert.Equal(before + 2, connection.Deadlines.Count);
    }

    private sealed class SlowWriter(Task disk) : ContentWriter
    {
        private readonly PooledContentWriter _memory = new(new QueueId(1), int.MaxValue, null, _ => throw new InvalidOperationException());

        public override long Length => _memory.Length;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            await disk;
            await _memory.WriteAsync(bytes, cancellationToken);
        }

        public override ValueTask<MessageContent> CompleteAsync(ContentTraits traits, CancellationToken cancellationToken) => _memory.CompleteAsync(traits, cancellationToken);

        protected override void Dispose(bool disposing) => _memory.Dispose();
    }

    private sealed class AskingHandler(Task<SmtpReply> second) : RecordingHandler
    {
        private int _mails;

        public override ValueTask<SmtpReply> OnMailAsync(SmtpServerSession session, MailTransaction transaction, CancellationToken cancellationToken) =>
            ++_mails == 2 ? new ValueTask<SmtpReply>(second) : default;
    }
}
