using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.TestKit.Connections;
using static SlimtaFast.Protocol.Tests.Session.Dialogue;

namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>Clients that do not wait where they have to (RFC 2920 section 3.1).</summary>
public class EarlyInputTests
{
    private static readonly SmtpServerOptions Strict = Options with { RefuseEarlyCommands = true, RefuseEarlyContent = true };

    [Theory]
    [InlineData("NOOP\r\n" + From, EarlyInput.AfterNoop)]
    [InlineData("VRFY a\r\n" + From, EarlyInput.AfterVerify)]
    [InlineData("EXPN a\r\n" + From, EarlyInput.AfterVerify)]
    [InlineData(Ehlo + From, EarlyInput.AfterHello)]
    [InlineData("HELO c\r\n" + From, EarlyInput.AfterHello)]
    [InlineData(From + To + Begin + "m\r\n.\r\n", EarlyInput.AfterData)]
    public async Task What_follows_the_last_of_a_group_is_told_and_refused_where_asked(string group, EarlyInput where)
    {
        var lenient = new EarlyHandler();
        var strict = new EarlyHandler();
        Dialogue taken = await RunAsync(new ScriptedConnection(Ehlo, group, Quit), lenient, Options);
        Dialogue refused = await RunAsync(new ScriptedConnection(Ehlo, group, Quit), strict, Strict);

        Assert.Equal([where], lenient.Early);
        Assert.Equal(SessionEndReason.Quit, taken.End);
        Assert.Equal([where], strict.Early);
        Assert.Equal(SessionEndReason.OutOfStep, refused.End);
        Assert.Equal("554 5.5.0", refused.Codes[^1]);
    }

    [Fact]
    public async Task Groups_that_end_with_such_a_command_are_well()
    {
        var handler = new EarlyHandler();
        Dialogue run = await RunAsync(new ScriptedConnection(Ehlo, From + To + "NOOP\r\n", "RSET\r\n" + From + To + Begin, "m\r\n.\r\n", Quit), handler, Strict);

        Assert.Empty(handler.Early);
        Assert.Equal(SessionEndReason.Quit, run.End);
    }

    [Theory]
    [InlineData(From + To)]
    [InlineData("RSET\r\n" + From)]
    public async Task Pipelining_after_helo_is_told(string group)
    {
        var lenient = new EarlyHandler();
        var strict = new EarlyHandler();
        await RunAsync(new ScriptedConnection("HELO c\r\n", group, Quit), lenient, Options);
        Dialogue refused = await RunAsync(new ScriptedConnection("HELO c\r\n", group, Quit), strict, Strict);

        Assert.Equal([EarlyInput.NotOffered], lenient.Early);
        Assert.Equal(SessionEndReason.OutOfStep, refused.End);
    }

    [Fact]
    public async Task What_follows_quit_is_told_and_not_read()
    {
        var handler = new EarlyHandler();
        Dialogue run = await RunAsync(new ScriptedConnection(Ehlo, Quit + From), handler, Strict);

        Assert.Equal([EarlyInput.AfterQuit], handler.Early);
        Assert.Equal(["221 2.0.0"], run.Codes);
    }

    [Fact]
    public async Task Talk_before_the_greeting_ends_the_session_where_that_is_asked()
    {
        var handler = new EarlyHandler();
        (SessionEndReason end, string text) = await TalkFirstAsync(handler, Options with { RefuseEarlyTalkers = true });

        Assert.Equal([EarlyInput.BeforeGreeting], handler.Early);
        Assert.Equal(SessionEndReason.TalkedTooEarly, end);
        Assert.Equal("554 5.5.0 Command sent before the greeting, closing\r\n", text);
    }

    [Fact]
    public async Task Talk_while_the_greeting_waits_is_told()
    {
        var handler = new EarlyHandler { IsSlow = true };
        (SessionEndReason end, string text) = await TalkFirstAsync(handler, Options);

        Assert.Equal([EarlyInput.BeforeGreeting], handler.Early);
        Assert.Equal(SessionEndReason.Quit, end);
        Assert.StartsWith("220 ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_looks_for_early_talk_where_the_greeting_leaves_at_once()
    {
        var handler = new EarlyHandler();
        await RunAsync(new ScriptedConnection(Ehlo, Quit), handler, Options);

        Assert.Empty(handler.Early);
    }

    // The first words are there before the session begins.
    private static async Task<(SessionEndReason End, string Text)> TalkFirstAsync(EarlyHandler handler, SmtpServerOptions options)
    {
        (MemoryConnection client, MemoryConnection server) = MemoryConnection.CreatePair();
        await client.Output.WriteAsync(Encoding.ASCII.GetBytes(Quit));
        Task<SessionEndReason> session = new SmtpServerSession(server, handler, options).RunAsync(CancellationToken.None);
        handler.Decided.SetResult();
        SessionEndReason end = await session;
        await server.DisposeAsync();
        ReadResult read = await client.Input.ReadAsync();
        while (!read.IsCompleted)
        {
            client.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await client.Input.ReadAsync();
        }

        return (end, Encoding.ASCII.GetString(read.Buffer.ToArray()));
    }

    private sealed class EarlyHandler : RecordingHandler
    {
        public List<EarlyInput> Early { get; } = [];

        public bool IsSlow { get; init; }

        public TaskCompletionSource Decided { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask<SmtpReply> OnConnectAsync(SmtpServerSession session, CancellationToken cancellationToken)
        {
            if (IsSlow)
                await Decided.Task;
            return default;
        }

        public override void OnEarlyInput(SmtpServerSession session, EarlyInput where) => Early.Add(where);
    }
}
