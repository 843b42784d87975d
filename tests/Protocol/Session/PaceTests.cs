using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Mail;
using SlimtaFast.TestKit.Connections;

namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>How slow a client may be, and for how long. The connection's deadlines follow the same fake clock.</summary>
public sealed class PaceTests
{
    private static readonly SmtpServerOptions Options = new()
    {
        HostName = "mx.example",
        MinDataRate = 100,
        MinDataRateWindow = TimeSpan.FromMinutes(1),
        MaxSessionTime = TimeSpan.FromHours(1),
    };

    private readonly FakeTimeProvider _time = new();
    private readonly RecordingHandler _handler = new();
    private MemoryConnection? _client;
    private MemoryConnection? _server;

    [Fact]
    public async Task Content_below_the_rate_is_cut_off_after_one_window()
    {
        Task<SessionEndReason> session = await StartAsync(Options);
        await SendAsync("EHLO c.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
        int seconds = 0;
        for (; !session.IsCompleted && seconds < 600; seconds += 10)
        {
            await SendAsync(new string('x', 98) + "\r\n");
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(SessionEndReason.TooSlow, await session);
        Assert.Equal(60, seconds);
        Assert.EndsWith("421 4.4.2 Too slow, closing\r\n", await ReadAllAsync(), StringComparison.Ordinal);
        Assert.Empty(_handler.Messages);
    }

    [Fact]
    public async Task Content_above_the_rate_may_take_its_time()
    {
        Task<SessionEndReason> session = await StartAsync(Options);
        await SendAsync("EHLO c.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
        for (int i = 0; i < 60; i++)
        {
            await SendAsync(string.Concat(Enumerable.Repeat(new string('x', 98) + "\r\n", 13)));
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        await SendAsync(".\r\nQUIT\r\n");
        Assert.Equal(SessionEndReason.Quit, await session);
        Assert.Single(_handler.Messages);
    }

    [Fact]
    public async Task Octets_that_came_in_one_burst_count_for_the_whole_window_only()
    {
        Task<SessionEndReason> session = await StartAsync(Options);
        await SendAsync("EHLO c.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
        await SendAsync(string.Concat(Enumerable.Repeat(new string('x', 98) + "\r\n", 1000)));
        _time.Advance(TimeSpan.FromSeconds(61));
        await SendAsync("x");
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.False(session.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(SessionEndReason.TooSlow, await session);
    }

    [Fact]
    public async Task Command_that_has_begun_must_be_complete_within_the_window()
    {
        Task<SessionEndReason> session = await StartAsync(Options);
        await SendAsync("EHLO c.example\r\nNO");
        for (int i = 0; i < 5; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            await SendAsync("O");
        }

        Assert.False(session.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(SessionEndReason.TooSlow, await session);
    }

    [Fact]
    public async Task Commands_that_come_in_two_pieces_each_are_not_slow()
    {
        Task<SessionEndReason> session = await StartAsync(Options);
        await SendAsync("EHLO c.example\r\nNO");
        for (int i = 0; i < 20; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            await SendAsync("OP\r\nNO");
        }

        await SendAsync("OP\r\nQUIT\r\n");
        Assert.Equal(SessionEndReason.Quit, await session);
    }

    [Fact]
    public async Task Silence_between_commands_is_not_slow()
    {
        Task<SessionEndReason> session = await StartAsync(Options);
        await SendAsync("EHLO c.example\r\n");
        _time.Advance(TimeSpan.FromMinutes(4));
        await SendAsync("NOOP\r\n");
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.False(session.IsCompleted);
        _time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(SessionEndReason.Timeout, await session);
    }

    [Fact]
    public async Task Session_ends_after_its_time_in_the_middle_of_anything()
    {
        Task<SessionEndReason> session = await StartAsync(Options);
        await SendAsync("EHLO c.example\r\n");
        int minutes = 0;
        for (; !session.IsCompleted && minutes < 100; minutes++)
        {
            await SendAsync("NOOP\r\n");
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(SessionEndReason.SessionTooLong, await session);
        Assert.Equal(60, minutes);
        Assert.EndsWith("421 4.4.2 Connection lasted too long, closing\r\n", await ReadAllAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_to_a_message_is_given_though_the_session_is_over()
    {
        var stored = new TaskCompletionSource<SmtpReply>();
        var handler = new RecordingHandler { OnMessage = () => new ValueTask<SmtpReply>(stored.Task) };
        Task<SessionEndReason> session = await StartAsync(Options, handler: handler);
        await SendAsync("EHLO c.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
        await SendAsync("x\r\n.\r\n");
        _time.Advance(TimeSpan.FromHours(2));
        Assert.False(session.IsCompleted);
        stored.SetResult(new SmtpReply(250, "2.0.0", "stored"));

        Assert.Equal(SessionEndReason.SessionTooLong, await session);
        Assert.EndsWith("250 2.0.0 stored\r\n421 4.4.2 Connection lasted too long, closing\r\n", await ReadAllAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task End_of_the_session_does_not_hurry_the_sending_of_an_answer()
    {
        var stored = new TaskCompletionSource<SmtpReply>();
        var handler = new RecordingHandler { OnMessage = () => new ValueTask<SmtpReply>(stored.Task) };
        await StartAsync(Options, handler: handler);
        await SendAsync("EHLO c.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
        await SendAsync("x\r\n.\r\n");
        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(1));
        int before = _server!.Deadlines.Count;
        stored.SetResult(new SmtpReply(250, "2.0.0", "stored"));

        Assert.Equal([Options.CommandTimeout, TimeSpan.FromSeconds(1)], _server.Deadlines.Skip(before));
    }

    [Fact]
    public async Task Exempt_client_is_bound_by_plain_deadlines_only()
    {
        Task<SessionEndReason> session = await StartAsync(Options, isExempt: true);
        await SendAsync("EHLO c.example\r\n");
        for (int i = 0; i < 90; i++)
        {
            await SendAsync("NOOP\r\nNO");
            _time.Advance(TimeSpan.FromMinutes(1));
            await SendAsync("OP\r\n");
        }

        Assert.False(session.IsCompleted);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(SessionEndReason.Timeout, await session);
    }

    private Task<Task<SessionEndReason>> StartAsync(SmtpServerOptions options, bool isExempt = false, RecordingHandler? handler = null)
    {
        (_client, _server) = MemoryConnection.CreatePair(_time);
        var session = new SmtpServerSession(_server, handler ?? _handler, options with { MaxJunkCommands = int.MaxValue }, _time) { IsExempt = isExempt };
        return Task.FromResult(RunAsync(session, _server));
    }

    private static async Task<SessionEndReason> RunAsync(SmtpServerSession session, MemoryConnection server)
    {
        SessionEndReason reason = await session.RunAsync(CancellationToken.None);
        await server.DisposeAsync();
        return reason;
    }

    private async Task SendAsync(string text) => await _client!.Output.WriteAsync(Encoding.ASCII.GetBytes(text));

    private async Task<string> ReadAllAsync()
    {
        while (true)
        {
            ReadResult read = await _client!.Input.ReadAsync();
            if (read.IsCompleted)
                return Encoding.ASCII.GetString(read.Buffer.ToArray());
            _client.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
