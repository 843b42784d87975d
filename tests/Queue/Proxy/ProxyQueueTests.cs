using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;
using SlimtaFast.TestKit;

namespace SlimtaFast.Queue.Tests.Proxy;

public sealed class ProxyQueueTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(Envelopes.Received);
    private readonly ScriptedRelay _relay = new();

    public async ValueTask DisposeAsync() => await _relay.DisposeAsync();

    [Fact]
    public async Task Next_hops_answer_is_the_clients()
    {
        await using ProxyQueue queue = Make();
        EnqueueResult result = await EnqueueAsync(queue, "ESMTP", "bob@one.test");
        Assert.Equal((new SmtpReply(250, "2.1.5", "Ok"), null), (result.Reply, result.PerRecipient));
        Assert.Equal("bob@one.test", Assert.Single(_relay.Attempts).To);
    }

    [Theory]
    [InlineData(OutcomeKind.Delivered, 250, 250)]
    [InlineData(OutcomeKind.Delivered, 354, 250)]
    [InlineData(OutcomeKind.Transient, 450, 450)]
    [InlineData(OutcomeKind.Transient, 421, 451)]
    [InlineData(OutcomeKind.Transient, 552, 451)]
    [InlineData(OutcomeKind.Permanent, 550, 550)]
    [InlineData(OutcomeKind.Permanent, 450, 554)]
    public async Task Answer_has_the_class_of_the_outcome_and_ends_no_session(OutcomeKind kind, int told, int heard)
    {
        _relay.Script = (_, attempt) => Replies.All(attempt, new RecipientOutcome(kind, new SmtpReply(told, default(EnhancedStatus), "what it said")));
        await using ProxyQueue queue = Make();
        EnqueueResult result = await EnqueueAsync(queue, "ESMTP", "bob@one.test");
        Assert.Equal(heard, result.Reply.Code);
        Assert.Equal(kind == OutcomeKind.Delivered && told != 250 ? "Ok" : "what it said", result.Reply.Text);
    }

    [Theory]
    [InlineData("later", 450, "4.2.1")]
    [InlineData("never", 550, "5.1.1")]
    public async Task Smtp_never_hears_250_where_a_recipient_was_refused(string name, int code, string status)
    {
        _relay.Script = static (_, attempt) => Replies.ByName(attempt);
        await using ProxyQueue queue = Make();
        EnqueueResult result = await EnqueueAsync(queue, "ESMTPS", "ok@one.test", name + "@one.test", "ok@two.test");
        Assert.Null(result.PerRecipient);
        Assert.Equal((code, status), (result.Reply.Code, result.Reply.Status.ToString()));
        Assert.Contains($"but not to <{name}@one.test>", result.Reply.Text, StringComparison.Ordinal);

        // Who is to send it again will send it to all, so that nobody else gets it before.
        Assert.Equal(name == "later" ? 1 : 2, _relay.Attempts.Count);
        Assert.StartsWith(name == "later" ? "Delivered to 1 of 2" : "Delivered to 2 of 3", result.Reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_may_work_later_outweighs_what_never_will()
    {
        _relay.Script = static (_, attempt) => Replies.ByName(attempt);
        await using ProxyQueue queue = Make();
        EnqueueResult result = await EnqueueAsync(queue, "ESMTP", "never@one.test", "later@two.test");
        Assert.Equal((450, "Mailbox busy"), (result.Reply.Code, result.Reply.Text));
    }

    [Fact]
    public async Task Lmtp_hears_an_answer_for_each_recipient_in_its_order()
    {
        _relay.Script = static (_, attempt) => Replies.ByName(attempt);
        await using ProxyQueue queue = Make();
        EnqueueResult result = await EnqueueAsync(queue, "LMTP", "never@one.test", "ok@two.test", "later@one.test", "ok@one.test");
        Assert.Equal([550, 250, 450, 250], result.PerRecipient!.Select(static reply => (int)reply.Code));
        Assert.False(result.Reply.IsPositive);
        Assert.Equal(2, _relay.Attempts.Count);
    }

    [Fact]
    public async Task Recipients_that_a_policy_replaced_share_the_worst_answer()
    {
        _relay.Script = static (_, attempt) => Replies.ByName(attempt);
        await using ProxyQueue queue = Make(policies: [new Rewriting("never-mind@two.test")]);
        EnqueueResult result = await EnqueueAsync(queue, "LMTP", "a@one.test", "b@one.test");
        Assert.Equal([550, 550], result.PerRecipient!.Select(static reply => (int)reply.Code));
    }

    [Fact]
    public async Task Recipient_who_stays_beside_a_new_one_does_not_hide_that_ones_failure()
    {
        _relay.Script = static (_, attempt) => Replies.ByName(attempt);
        await using ProxyQueue queue = Make(policies: [new Adding("later-archive@two.test")]);
        Assert.Equal(450, Assert.Single((await EnqueueAsync(queue, "LMTP", "ok@one.test")).PerRecipient!).Code);
    }

    [Fact]
    public async Task Relay_that_throws_or_tells_nothing_is_transient()
    {
        _relay.Script = static (_, _) => throw new InvalidOperationException("secret");
        await using ProxyQueue queue = Make();
        EnqueueResult thrown = await EnqueueAsync(queue, "ESMTP", "a@one.test");
        Assert.Equal("451 4.3.0 The message could not be relayed, try again later", thrown.Reply.ToString());
        _relay.Script = static (_, _) => new DeliveryReport([]);
        Assert.Equal(451, (await EnqueueAsync(queue, "ESMTP", "a@one.test")).Reply.Code);
    }

    [Fact]
    public async Task Client_is_not_kept_waiting_for_longer_than_the_limit()
    {
        _relay.Holds = true;
        await using ProxyQueue queue = Make(new ProxyQueueOptions { Timeout = TimeSpan.FromMinutes(1) });
        Task<EnqueueResult> pending = EnqueueAsync(queue, "ESMTP", "a@one.test");
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(pending.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("451 4.4.2 The next hop did not answer in time", (await pending).Reply.ToString());
    }

    [Fact]
    public async Task Message_without_a_turn_within_the_limit_is_put_off()
    {
        var deaf = new TaskCompletionSource();
        _relay.Script = (_, attempt) =>
        {
            deaf.Task.Wait();
            return Replies.Delivered(attempt);
        };
        await using ProxyQueue queue = Make(new ProxyQueueOptions { MaxAttempts = 1, Timeout = TimeSpan.FromMinutes(1) });
        Task<EnqueueResult> first = Task.Run(() => EnqueueAsync(queue, "ESMTP", "a@one.test"));
        while (_relay.Attempts.Count == 0)
            await Task.Yield();
        Task<EnqueueResult> second = EnqueueAsync(queue, "ESMTP", "b@one.test");
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("451 4.3.2 Too many messages are being relayed, try again later", (await second).Reply.ToString());
        deaf.SetResult();
        Assert.Equal(250, (await first).Reply.Code);
        Assert.Single(_relay.Attempts);
    }

    [Fact]
    public async Task Stop_waits_for_answers_under_way_and_refuses_new_mail()
    {
        _relay.Holds = true;
        await using ProxyQueue queue = Make();
        Task<EnqueueResult> pending = EnqueueAsync(queue, "ESMTP", "a@one.test");
        Task stopping = queue.StopAsync(CancellationToken.None);
        Assert.False(stopping.IsCompleted);
        Assert.Equal(421, (await EnqueueAsync(queue, "ESMTP", "b@one.test")).Reply.Code);
        _relay.FinishAll();
        Assert.Equal(250, (await pending).Reply.Code);
        await stopping;
    }

    [Fact]
    public async Task Stop_that_gives_up_breaks_attempts_off()
    {
        _relay.Holds = true;
        await using ProxyQueue queue = Make();
        Task<EnqueueResult> pending = EnqueueAsync(queue, "ESMTP", "a@one.test");
        using var now = new CancellationTokenSource();
        Task stopping = queue.StopAsync(now.Token);
        await now.CancelAsync();
        await stopping;
        Assert.Equal(451, (await pending).Reply.Code);
    }

    [Fact]
    public async Task Message_to_be_held_is_refused()
    {
        await using ProxyQueue queue = Make();
        MessageContent content = Contents.InMemory();
        Envelope envelope = Envelopes.Make(content) with { Terms = new DeliveryTerms { HoldUntil = _time.GetUtcNow().AddHours(1) } };
        Assert.Equal(554, (await queue.EnqueueAsync(envelope, CancellationToken.None)).Reply.Code);
        Assert.Empty(_relay.Attempts);
        content.Release();
    }

    private ProxyQueue Make(ProxyQueueOptions? options = null, IReadOnlyList<IQueuePolicy>? policies = null) => new(
        _relay, static (id, _) => new DiscardingContentWriter(id), options ?? new ProxyQueueOptions(), policies ?? [], new QueueEnvironment { Time = _time });

    private static async Task<EnqueueResult> EnqueueAsync(ProxyQueue queue, string protocol, params string[] to)
    {
        MessageContent content = Contents.InMemory();
        try
        {
            return await queue.EnqueueAsync(Envelopes.Make(content, to: to) with { Client = Envelopes.Client with { Protocol = protocol } }, CancellationToken.None);
        }
        finally
        {
            content.Release();
        }
    }

    private sealed class Rewriting(string to) : IQueuePolicy
    {
        public ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken)
        {
            message.Replace(message.Envelope with { Recipients = [new Recipient(Mailbox.Parse(to))] });
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Adding(string to) : IQueuePolicy
    {
        public ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken)
        {
            message.Replace(message.Envelope with { Recipients = [.. message.Envelope.Recipients, new Recipient(Mailbox.Parse(to))] });
            return ValueTask.CompletedTask;
        }
    }
}
