using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.TestKit.Connections;
using static SlimtaFast.Protocol.Tests.Session.Dialogue;

namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>How sessions end, and what is left behind then.</summary>
public class EndTests
{
    [Fact]
    public async Task Silence_is_answered_421_after_the_command_deadline()
    {
        Dialogue run = await RunAsync(Script(ScriptEnd.Silence, Ehlo), new RecordingHandler(), Options);

        Assert.Equal(["421 4.4.2"], run.Codes);
        Assert.Equal(SessionEndReason.Timeout, run.End);
        Assert.Equal([Options.CommandTimeout, Options.CommandTimeout, Options.FarewellTimeout], run.Connection.Deadlines);
    }

    [Fact]
    public async Task One_deadline_covers_a_whole_command()
    {
        Dialogue run = await PlayAsync(Cut.Octets, Ehlo, "NOOP\r\n");

        Assert.Equal(3, run.Connection.Deadlines.Count(deadline => deadline == Options.CommandTimeout));
    }

    [Fact]
    public async Task Content_that_drips_buys_no_time()
    {
        Dialogue run = await PlayAsync(Cut.Octets, Ehlo, From, To, Begin, new string('x', 2500));

        Assert.Equal(3, run.Connection.Deadlines.Count(deadline => deadline == Options.DataBlockTimeout));
    }

    [Fact]
    public async Task A_reset_connection_ends_quietly()
    {
        Dialogue run = await RunAsync(Script(ScriptEnd.Reset, Ehlo, From, To, Begin, "half"), new RecordingHandler(), Options);

        Assert.Equal(SessionEndReason.ClientGone, run.End);
        Assert.Empty(run.Handler.Messages);
    }

    [Fact]
    public async Task A_client_that_no_longer_listens_ends_the_session()
    {
        ScriptedConnection connection = Script(ScriptEnd.Close, Ehlo);
        connection.Answers.Failure = new IOException("Broken pipe.");

        Assert.Equal(SessionEndReason.ClientGone, (await RunAsync(connection, new RecordingHandler(), Options)).End);
    }

    [Fact]
    public async Task What_follows_quit_is_ignored()
    {
        Dialogue run = await PlayAsync(Cut.Whole, Ehlo, Quit, From, "\n\n\0");

        Assert.Equal(["221 2.0.0"], run.Codes);
        Assert.Equal(SessionEndReason.Quit, run.End);
    }

    [Fact]
    public async Task A_command_without_its_end_is_not_run()
    {
        Dialogue run = await PlayAsync(Cut.Lines, Ehlo, "QUIT");

        Assert.Empty(run.Codes);
        Assert.Equal(SessionEndReason.ClientGone, run.End);
    }

    [Fact]
    public async Task An_idle_session_is_told_when_the_server_stops()
    {
        using var stopping = new CancellationTokenSource();
        Task<Dialogue> running = RunAsync(Script(ScriptEnd.Wait, Ehlo), new RecordingHandler(), Options, stopping.Token);
        Assert.False(running.IsCompleted);

        await stopping.CancelAsync();

        Dialogue run = await running;
        Assert.Equal(["421 4.3.2"], run.Codes);
        Assert.Equal(SessionEndReason.Shutdown, run.End);
    }

    [Fact]
    public async Task A_transaction_is_finished_before_the_server_stops()
    {
        using var stopping = new CancellationTokenSource();
        ScriptedConnection connection = Script(ScriptEnd.Wait, Ehlo, From, To, Begin, "half\r\n");
        Task<Dialogue> running = RunAsync(connection, new RecordingHandler(), Options, stopping.Token);

        await stopping.CancelAsync();
        Assert.False(running.IsCompleted);
        connection.Script.Feed("whole\r\n.\r\n"u8.ToArray());

        Dialogue run = await running;
        Assert.Equal(["half\r\nwhole\r\n"], run.Handler.Messages);
        Assert.Equal(["250 2.1.0", "250 2.1.5", "354", "250 2.0.0", "421 4.3.2"], run.Codes);
    }

    [Fact]
    public async Task A_handler_that_throws_is_answered_421_and_reported()
    {
        var failure = new InvalidOperationException("broken");
        var handler = new RecordingHandler { OnRecipient = _ => throw failure };

        Dialogue run = await PlayAsync(Cut.Lines, handler, Ehlo, From, To, Quit);

        Assert.Equal(["250 2.1.0", "421 4.3.0"], run.Codes);
        Assert.Equal(SessionEndReason.Fault, run.End);
        Assert.Same(failure, run.Session.Fault);
    }

    [Fact]
    public async Task A_handlers_timeout_or_io_failure_is_not_the_clients()
    {
        var handler = new RecordingHandler { OnMessage = () => ValueTask.FromException<SmtpReply>(new TimeoutException()) };

        Dialogue run = await PlayAsync(Cut.Lines, handler, Ehlo, From, To, Begin, ".\r\n", Quit);

        Assert.Equal(SessionEndReason.Fault, run.End);
    }

    [Theory]
    [InlineData(421, SessionEndReason.Refused)]
    [InlineData(550, SessionEndReason.Quit)]
    public async Task A_closing_reply_closes(int code, SessionEndReason end)
    {
        var handler = new RecordingHandler { OnMail = () => new SmtpReply(code, code == 421 ? "4.7.0" : "5.7.1", "no") };

        Dialogue run = await PlayAsync(Cut.Whole, handler, Ehlo, From, Quit);

        Assert.Equal(end, run.End);
    }

    [Fact]
    public async Task A_refused_connection_gets_its_greeting_and_no_more()
    {
        var handler = new RecordingHandler { OnConnect = () => new SmtpReply(554, "5.7.1", "Go away") };
        var connection = new ScriptedConnection(Ehlo);

        Dialogue run = await RunAsync(connection, handler, Options);

        Assert.Equal("554 5.7.1 Go away\r\n", connection.Answers.Text);
        Assert.Equal(SessionEndReason.Refused, run.End);
    }

    [Theory]
    [MemberData(nameof(Cuts), MemberType = typeof(Dialogue))]
    public async Task A_failing_writer_is_answered_when_the_message_has_ended(Cut cut)
    {
        var handler = new RecordingHandler { Writer = () => new FailingWriter(failAt: 3) };

        Dialogue run = await PlayAsync(cut, handler, Ehlo, From, To, Begin, "abcdef\r\n.\r\n", From, To, "BDAT 8 LAST\r\nabcdef\r\n", Quit);

        Assert.Equal(["250 2.1.0", "250 2.1.5", "354", "451 4.3.0", "250 2.1.0", "250 2.1.5", "451 4.3.0", "221 2.0.0"], run.Codes);
    }

    [Fact]
    public async Task A_writer_that_fails_at_the_end_or_the_start_is_answered_451()
    {
        Dialogue atEnd = await PlayAsync(Cut.Lines, new RecordingHandler { Writer = () => new FailingWriter(failAt: 100) }, Ehlo, From, To, Begin, "a\r\n.\r\n", Quit);
        Dialogue atStart = await PlayAsync(Cut.Lines, new RecordingHandler { Writer = () => throw new IOException("full") }, Ehlo, From, To, Begin, From, To, "BDAT 1 LAST\r\nx", Quit);

        Assert.Equal(["250 2.1.0", "250 2.1.5", "354", "451 4.3.0", "221 2.0.0"], atEnd.Codes);
        Assert.Equal(["250 2.1.0", "250 2.1.5", "451 4.3.0", "250 2.1.0", "250 2.1.5", "451 4.3.0", "221 2.0.0"], atStart.Codes);
    }

    private static ScriptedConnection Script(ScriptEnd end, params string[] pieces) => new([.. pieces.Select(Encoding.Latin1.GetBytes)], end);

    private sealed class FailingWriter(int failAt) : ContentWriter
    {
        private long _length;

        public override long Length => _length;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            _length += bytes.Length;
            return _length < failAt ? ValueTask.CompletedTask : ValueTask.FromException(new IOException("No space left on device"));
        }

        public override ValueTask<MessageContent> CompleteAsync(ContentTraits traits, CancellationToken cancellationToken) =>
            throw new IOException("No space left on device");

        protected override void Dispose(bool disposing)
        {
        }
    }
}
