using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using SlimtaFast.Mail;

namespace SlimtaFast.Edge.Tests.Limits;

public sealed class EdgeLimitTests : IDisposable
{
    private readonly CollectingQueue _queue = new();
    private readonly CollectingLoggers _log = new();

    [Fact]
    public async Task Client_that_connects_too_often_gets_421()
    {
        await using RunningEdge edge = Run(limits => limits with { ConnectionsPerMinute = 2 });
        for (int i = 0; i < 2; i++)
        {
            using TestClient client = await edge.ConnectAsync("127.0.0.2");
            await client.HelloAsync();
        }

        using TestClient third = await edge.ConnectAsync("127.0.0.2");
        Assert.StartsWith("421 4.7.0 Connecting too often", await third.ReadAsync(), StringComparison.Ordinal);
        using TestClient other = await edge.ConnectAsync("127.0.0.3");
        await other.HelloAsync();
        Assert.Contains(_log.Lines, line => line.Contains("refused: ConnectionRate", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Client_that_sends_too_much_gets_450_on_every_connection()
    {
        await using RunningEdge edge = Run(limits => limits with { MessagesPerMinute = 2 });
        using TestClient one = await edge.ConnectAsync("127.0.0.2");
        await one.HelloAsync();
        await one.DeliverAsync("b@mine.test", "x");
        await one.DeliverAsync("b@mine.test", "x");
        Assert.StartsWith("450 4.7.1", await one.AskAsync("MAIL FROM:<a@b.test>"), StringComparison.Ordinal);
        using TestClient two = await edge.ConnectAsync("127.0.0.2");
        await two.HelloAsync();
        Assert.StartsWith("450 4.7.1", await two.AskAsync("MAIL FROM:<a@b.test>"), StringComparison.Ordinal);
        Assert.Contains(_log.Lines, line => line.Contains("client 127.0.0.2 (client.test), session ", StringComparison.Ordinal) && line.Contains(", from <a@b.test>", StringComparison.Ordinal) && line.Contains("MessageRate: 450 4.7.1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Client_that_names_too_many_recipients_gets_450()
    {
        await using RunningEdge edge = Run(limits => limits with { RecipientsPerHour = 2 });
        using TestClient client = await edge.ConnectAsync("127.0.0.2");
        await client.HelloAsync();
        await client.AskAsync("MAIL FROM:<a@b.test>");
        Assert.StartsWith("250", await client.AskAsync("RCPT TO:<a@mine.test>"), StringComparison.Ordinal);
        Assert.StartsWith("550", await client.AskAsync("RCPT TO:<a@other.test>"), StringComparison.Ordinal);
        Assert.StartsWith("250", await client.AskAsync("RCPT TO:<b@mine.test>"), StringComparison.Ordinal);
        Assert.StartsWith("450 4.7.1", await client.AskAsync("RCPT TO:<c@mine.test>"), StringComparison.Ordinal);
        Assert.StartsWith("354", await client.AskAsync("DATA"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exempt_client_has_no_limits()
    {
        await using var edge = new RunningEdge(
            _queue,
            RunningEdge.ForStrangers with { Clients = new ClientLimits { Exempt = [IPNetwork.Parse("127.0.0.2/32")], ConnectionsPerMinute = 1, MessagesPerMinute = 1, RecipientsPerHour = 1 }, MaxConnectionsPerAddress = 1 });
        for (int i = 0; i < 3; i++)
        {
            TestClient client = await edge.ConnectAsync("127.0.0.2");
            await client.HelloAsync();
            await client.DeliverAsync("b@mine.test", "x");
        }

        Assert.Equal(3, _queue.Messages.Count);
    }

    [Fact]
    public async Task Everything_refused_is_logged_with_its_reason()
    {
        await using RunningEdge edge = Run(limits => limits);
        using TestClient client = await edge.ConnectAsync("127.0.0.2");
        await client.HelloAsync();
        await client.AskAsync("FROB");
        await client.AskAsync("MAIL FROM:<a@client.test>");
        await client.AskAsync("RCPT TO:<b@other.test>");
        await client.AskAsync("RCPT TO:<b@mine.test>");
        await client.AskAsync("DATA");
        await client.SendAsync("x\ny\r\n.\r\n");
        await client.ReadAsync();

        Assert.Contains(_log.Lines, line => Anonymous(line) == "Debug 1020 Command of client 127.0.0.2, session ID, refused: UnknownCommand: 500 5.5.2 Command not recognized");
        Assert.Contains(_log.Lines, line => Anonymous(line) == "Information 1003 Recipient refused: client 127.0.0.2 (client.test), session ID, from <a@client.test>, to <b@other.test>: RelayDenied: 550 5.7.1 Relaying denied");
        Assert.Contains(_log.Lines, line => Anonymous(line).StartsWith("Information 1003 Message refused: client 127.0.0.2 (client.test), session ID, from <a@client.test>, to <b@mine.test>: BareLineEnd: 550 5.6.11", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Everything_refused_is_an_event()
    {
        var events = new ListSink();
        await using (var edge = new RunningEdge(_queue, RunningEdge.ForStrangers with { MaxConnections = 1 }, events: events))
        {
            using TestClient client = await edge.ConnectAsync("127.0.0.2");
            await client.HelloAsync();
            await client.AskAsync("MAIL FROM:<a@client.test>");
            await client.AskAsync("RCPT TO:<b@other.test>");
            using TestClient second = await edge.ConnectAsync("127.0.0.3");
            Assert.StartsWith("421", await second.ReadAsync(), StringComparison.Ordinal);
            await client.AskAsync("RCPT TO:<b@mine.test>");
            await client.AskAsync("RCPT TO:<c@mine.test>");
            await client.AskAsync("DATA");
            await client.SendAsync("x\ny\r\n.\r\n");
            await client.ReadAsync();
        }

        MailEvent[] told = [.. events.Events];
        Assert.Equal(
            ["relay_denied b@other.test 550", "too_many_connections  0", "bare_line_end b@mine.test 550", "bare_line_end c@mine.test 550"],
            told.Select(what => $"{what.Reason} {what.Recipient?.Address} {what.Reply.Code}"));
        Assert.All(told, what => Assert.Equal(MailEventKind.Refused, what.Kind));
        Assert.All([told[0], .. told[2..]], what => Assert.Equal(("127.0.0.2", "a@client.test", false), (what.Client?.ToString(), what.Sender?.Address, what.Session.IsNone)));
        Assert.Equal("5.6.11", told[2].Reply.Status.ToString());
        Assert.Equal(("127.0.0.3", true), (told[1].Client?.ToString(), told[1].Session.IsNone));
    }

    private sealed class ListSink : IMailEventSink
    {
        public ConcurrentQueue<MailEvent> Events { get; } = new();

        public void Note(MailEvent what) => Events.Enqueue(what);
    }

    private static string Anonymous(string line) => Regex.Replace(line, "session [0-9a-f]{16}", "session ID");

    public void Dispose()
    {
        _queue.Dispose();
        _log.Dispose();
    }

    private RunningEdge Run(Func<ClientLimits, ClientLimits> change) =>
        new(_queue, RunningEdge.ForStrangers with { Clients = change(RunningEdge.ForStrangers.Clients) }, loggers: _log);
}
