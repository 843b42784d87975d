using System.Net;
using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Queue;

namespace SlimtaFast.Edge.Tests.Hooks;

public sealed class SessionHookTests : IDisposable
{
    private static readonly SmtpReply No = new(550, "5.7.1", "Not today");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly CollectingQueue _queue = new();
    private readonly CollectingLoggers _log = new();

    [Fact]
    public async Task Hook_sees_a_session_from_connect_to_disconnect()
    {
        var hook = new ScriptedHook();
        await using RunningEdge edge = Run(hook);
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        await client.DeliverAsync("b@mine.test", "x");
        await client.AskAsync("MAIL FROM:<c@client.test>");
        await client.AskAsync("RSET");
        await client.AskAsync("QUIT");

        Assert.Equal(SessionEndReason.Quit, await hook.Ended.Task.WaitAsync(Patience));
        Assert.Equal(
            ["connect", "hello client.test", "mail a@client.test", "rcpt b@mine.test", "data", "message 3", "queued 250 2.0.0 Ok", "mail c@client.test", "reset", "disconnect"],
            hook.Calls);
    }

    [Theory]
    [InlineData("hello", "EHLO client.test")]
    [InlineData("mail", "EHLO client.test", "MAIL FROM:<a@b.test>")]
    [InlineData("rcpt", "EHLO client.test", "MAIL FROM:<a@b.test>", "RCPT TO:<b@mine.test>")]
    [InlineData("data", "EHLO client.test", "MAIL FROM:<a@b.test>", "RCPT TO:<b@mine.test>", "DATA")]
    [InlineData("message", "EHLO client.test", "MAIL FROM:<a@b.test>", "RCPT TO:<b@mine.test>", "DATA", "x\r\n.")]
    public async Task Answer_of_a_hook_is_what_the_client_is_told(string question, params string[] commands)
    {
        await using RunningEdge edge = Run(ScriptedHook.Answering(question, No));
        using TestClient client = await edge.ConnectAsync();
        await client.ReadAsync();
        foreach (string command in commands[..^1])
            Assert.True(await client.AskAsync(command) is ['2' or '3', ..]);

        Assert.Equal("550 5.7.1 Not today", await client.AskAsync(commands[^1]));
        Assert.StartsWith("250", await client.AskAsync("NOOP"), StringComparison.Ordinal);
        Assert.Empty(_queue.Messages);
        Assert.Contains(_log.Lines, line => line.Contains("refused: client 127.0.0.1", StringComparison.Ordinal) && line.Contains("Hook: 550 5.7.1 Not today", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Refusal_in_place_of_the_greeting_ends_the_session()
    {
        var hook = ScriptedHook.Answering("connect", new SmtpReply(554, "5.7.1", "Go away"));
        await using RunningEdge edge = Run(hook);
        using TestClient client = await edge.ConnectAsync();

        Assert.Equal("554 5.7.1 Go away", await client.ReadAsync());
        Assert.Equal("", await client.ReadAsync());
        Assert.Equal(SessionEndReason.Refused, await hook.Ended.Task.WaitAsync(Patience));
    }

    [Theory]
    [InlineData("connect")]
    [InlineData("hello", "EHLO client.test")]
    [InlineData("mail", "EHLO client.test", "MAIL FROM:<a@b.test>")]
    [InlineData("rcpt", "EHLO client.test", "MAIL FROM:<a@b.test>", "RCPT TO:<b@mine.test>")]
    [InlineData("data", "EHLO client.test", "MAIL FROM:<a@b.test>", "RCPT TO:<b@mine.test>", "DATA")]
    [InlineData("message", "EHLO client.test", "MAIL FROM:<a@b.test>", "RCPT TO:<b@mine.test>", "DATA", "x\r\n.")]
    public async Task Dropped_client_hears_nothing(string question, params string[] commands)
    {
        var hook = new ScriptedHook();
        hook.Answers[question] = session =>
        {
            session.Drop();
            return default;
        };
        await using RunningEdge edge = Run(hook);
        using TestClient client = await edge.ConnectAsync();
        if (commands.Length > 0)
            await client.ReadAsync();
        foreach (string command in commands.SkipLast(1))
            await client.AskAsync(command);
        if (commands.Length > 0)
            await client.SendAsync(commands[^1] + "\r\n");

        Assert.Equal("", await client.ReadAsync());
        Assert.Equal(SessionEndReason.Dropped, await hook.Ended.Task.WaitAsync(Patience));
        Assert.Empty(_queue.Messages);
    }

    [Fact]
    public async Task Later_hooks_are_not_asked_about_what_was_refused()
    {
        ScriptedHook first = new(), second = ScriptedHook.Answering("rcpt", No), third = new();
        await using RunningEdge edge = Run(first, second, third);
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        await client.AskAsync("MAIL FROM:<a@b.test>");
        await client.AskAsync("RCPT TO:<b@mine.test>");

        Assert.Contains("rcpt b@mine.test", first.Calls);
        Assert.DoesNotContain("rcpt b@mine.test", third.Calls);
    }

    [Fact]
    public async Task Positive_answer_is_told_and_does_not_spare_later_hooks()
    {
        ScriptedHook first = ScriptedHook.Answering("connect", new SmtpReply(220, default(EnhancedStatus), "welcome.test at your service"));
        first.Answers["rcpt"] = _ => ValueTask.FromResult(new SmtpReply(250, "2.1.5", "Nice choice"));
        var second = new ScriptedHook();
        await using RunningEdge edge = Run(first, second);
        using TestClient client = await edge.ConnectAsync();

        Assert.Equal("220 welcome.test at your service", await client.ReadAsync());
        await client.AskAsync("EHLO client.test");
        await client.AskAsync("MAIL FROM:<a@b.test>");
        Assert.Equal("250 2.1.5 Nice choice", await client.AskAsync("RCPT TO:<b@mine.test>"));
        Assert.Contains("rcpt b@mine.test", second.Calls);
    }

    [Fact]
    public async Task Hooks_may_wait()
    {
        ScriptedHook first = new(), second = new();
        foreach (string question in (string[])["connect", "hello", "mail", "rcpt", "data", "message", "queued"])
        {
            foreach (ScriptedHook hook in (ScriptedHook[])[first, second])
            {
                hook.Answers[question] = async _ =>
                {
                    await Task.Yield();
                    return default;
                };
            }
        }

        await using RunningEdge edge = Run(first, second);
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        Assert.Equal("250 2.0.0 Ok", await client.DeliverAsync("b@mine.test", "x"));
        Assert.Equal(first.Calls, second.Calls);
    }

    [Fact]
    public async Task Data_of_a_session_is_its_own()
    {
        var hook = new ScriptedHook();
        hook.Answers["connect"] = session =>
        {
            session.Set(new StringBuilder());
            return default;
        };
        hook.Answers["mail"] = session => ValueTask.FromResult(new SmtpReply(250, "2.1.0", session.Get<StringBuilder>()!.Append('+').ToString()));
        await using RunningEdge edge = Run(hook);
        using TestClient one = await edge.ConnectAsync();
        using TestClient other = await edge.ConnectAsync();
        await one.HelloAsync();
        await other.HelloAsync();

        Assert.Equal("250 2.1.0 +", await one.AskAsync("MAIL FROM:<a@b.test>"));
        Assert.Equal("250 2.1.0 +", await other.AskAsync("MAIL FROM:<a@b.test>"));
        await one.AskAsync("RSET");
        Assert.Equal("250 2.1.0 ++", await one.AskAsync("MAIL FROM:<a@b.test>"));
    }

    [Fact]
    public async Task Envelope_may_be_changed_before_it_is_queued()
    {
        var hook = new ScriptedHook
        {
            Change = message => message.Envelope = message.Envelope with
            {
                ReversePath = Mailbox.Parse("new@b.test"),
                Recipients = [new Recipient(Mailbox.Parse("x@mine.test")), new Recipient(Mailbox.Parse("y@mine.test"))],
                AddedHeaders = "X-Hook: yes\r\n"u8.ToArray(),
            },
        };
        await using RunningEdge edge = Run(hook);
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        await client.DeliverAsync("b@mine.test", "x");

        (Envelope envelope, _) = Assert.Single(_queue.Messages);
        Assert.Equal("new@b.test", envelope.ReversePath.Address);
        Assert.Equal(["x@mine.test", "y@mine.test"], envelope.Recipients.Select(recipient => recipient.Address.Address));
        Assert.Equal("X-Hook: yes\r\n", Encoding.ASCII.GetString(envelope.AddedHeaders.Span));
        Assert.False(envelope.Content.TryRetain());
    }

    [Fact]
    public async Task Discarded_message_is_answered_positively_and_not_queued()
    {
        var hook = new ScriptedHook { Change = static message => message.Discard() };
        await using RunningEdge edge = Run(hook);
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        Assert.Equal("250 2.0.0 Ok: message accepted", await client.DeliverAsync("b@mine.test", "x"));
        hook.Answers["message"] = _ => ValueTask.FromResult(new SmtpReply(250, "2.0.0", "Into the void"));
        Assert.Equal("250 2.0.0 Into the void", await client.DeliverAsync("b@mine.test", "x"));
        Assert.Empty(_queue.Messages);
        Assert.Contains(_log.Lines, line => line.Contains("discarded", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Positive_word_on_a_message_is_told_and_the_message_queued()
    {
        await using RunningEdge edge = Run(ScriptedHook.Answering("message", new SmtpReply(250, "2.0.0", "Looks fine")));
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        Assert.Equal("250 2.0.0 Looks fine", await client.DeliverAsync("b@mine.test", "x"));
        Assert.Single(_queue.Messages);
        _queue.Answer = new EnqueueResult(new SmtpReply(452, "4.3.1", "No room"));
        Assert.Equal("452 4.3.1 No room", await client.DeliverAsync("b@mine.test", "x"));
    }

    [Fact]
    public async Task What_a_hook_granted_one_client_the_next_one_behind_XCLIENT_has_not()
    {
        var hook = new ScriptedHook();
        hook.Answers["connect"] = session =>
        {
            session.MayRelay |= session.Address!.ToString() == "127.0.0.4";
            return default;
        };
        await using var edge = new RunningEdge(_queue, RunningEdge.ForStrangers with { Hooks = [hook], XclientFrom = [IPNetwork.Parse("127.0.0.4/32")] });
        using TestClient client = await edge.ConnectAsync("127.0.0.4");
        await client.HelloAsync();
        Assert.StartsWith("250", await client.DeliverAsync("c@foreign.test", "x"), StringComparison.Ordinal);
        Assert.StartsWith("220", await client.AskAsync("XCLIENT ADDR=203.0.113.77"), StringComparison.Ordinal);
        await client.AskAsync("EHLO client.test");
        await client.AskAsync("MAIL FROM:<a@client.test>");
        Assert.StartsWith("550 5.7.1", await client.AskAsync("RCPT TO:<c@foreign.test>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_of_the_queue_may_be_worded_but_not_turned_round()
    {
        var hook = ScriptedHook.Answering("queued", new SmtpReply(250, "2.0.0", "Ticket 7"));
        await using RunningEdge edge = Run(hook);
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        Assert.Equal("250 2.0.0 Ticket 7", await client.DeliverAsync("b@mine.test", "x"));

        hook.Answers["queued"] = _ => ValueTask.FromResult(No);
        Assert.Equal("250 2.0.0 Ok", await client.DeliverAsync("b@mine.test", "x"));
        Assert.Contains(_log.Lines, line => line.Contains("was not used", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Hook_that_fails_after_the_queue_has_answered_changes_nothing()
    {
        var hook = new ScriptedHook();
        hook.Answers["queued"] = _ => throw new InvalidOperationException("broken");
        await using RunningEdge edge = Run(hook);
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        Assert.Equal("250 2.0.0 Ok", await client.DeliverAsync("b@mine.test", "x"));
        Assert.Equal("250 2.0.0 Ok", await client.DeliverAsync("b@mine.test", "x"));
        Assert.Equal(2, _queue.Messages.Count);
        Assert.Contains(_log.Lines, line => line.Contains("A hook failed after the queue had answered", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Hook_may_grant_and_withdraw_relaying()
    {
        var hook = new ScriptedHook();
        hook.Answers["hello"] = session =>
        {
            session.MayRelay = session.HelloName == "friend.test";
            return default;
        };
        await using RunningEdge edge = Run(hook);
        using TestClient client = await edge.ConnectAsync("127.0.0.2");
        await client.ReadAsync();
        await client.AskAsync("EHLO friend.test");
        await client.AskAsync("MAIL FROM:<a@b.test>");
        Assert.StartsWith("250", await client.AskAsync("RCPT TO:<b@other.test>"), StringComparison.Ordinal);
        await client.AskAsync("EHLO foe.test");
        await client.AskAsync("MAIL FROM:<a@b.test>");
        Assert.StartsWith("550 5.7.1", await client.AskAsync("RCPT TO:<b@other.test>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failing_hook_ends_its_session_only()
    {
        var hook = new ScriptedHook();
        hook.Answers["mail"] = _ => throw new InvalidOperationException("hook is broken");
        await using RunningEdge edge = Run(hook);
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        Assert.StartsWith("421 4.3.0", await client.AskAsync("MAIL FROM:<a@b.test>"), StringComparison.Ordinal);
        using TestClient next = await edge.ConnectAsync();
        await next.HelloAsync();
        Assert.Contains(_log.Lines, line => line.StartsWith("Error 1004", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Hook_that_fails_at_the_message_leaks_no_content()
    {
        MessageContent? seen = null;
        var hook = new ScriptedHook { Change = message => seen = message.Envelope.Content };
        hook.Answers["message"] = async _ =>
        {
            await Task.Yield();
            throw new InvalidOperationException("hook is broken");
        };
        await using RunningEdge edge = Run(hook);
        using TestClient client = await edge.ConnectAsync();
        await client.HelloAsync();
        Assert.StartsWith("421 4.3.0", await client.DeliverAsync("b@mine.test", "x"), StringComparison.Ordinal);
        Assert.False(seen!.TryRetain());
    }

    [Fact]
    public void Content_and_id_cannot_be_replaced()
    {
        var envelope = new Envelope
        {
            Id = new QueueId(1),
            ReversePath = Mailbox.Null,
            Recipients = [new Recipient(Mailbox.Parse("a@b.test"))],
            Content = TestKit.Contents.InMemory("x"),
            ReceivedAt = default,
            Client = new ClientFacts { Address = IPAddress.Loopback },
        };
        var message = new HookMessage(envelope);
        Assert.Throws<ArgumentException>(() => message.Envelope = envelope with { Id = new QueueId(2) });
        Assert.Throws<ArgumentException>(() => message.Envelope = envelope with { Content = TestKit.Contents.InMemory("y") });
        Assert.Throws<ArgumentException>(() => message.Envelope = envelope with { Recipients = [] });
    }

    public void Dispose()
    {
        _queue.Dispose();
        _log.Dispose();
    }

    private RunningEdge Run(params SessionHook[] hooks) => new(_queue, RunningEdge.ForStrangers with { Hooks = hooks }, loggers: _log);
}
