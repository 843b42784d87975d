using SlimtaFast.Lookup;
using SlimtaFast.Mail;

namespace SlimtaFast.Edge.Tests.Lists;

public sealed class AddressListCheckTests : IDisposable
{
    private readonly CollectingQueue _queue = new();

    [Theory]
    [InlineData("full@mine.test", "450 4.2.1 Mailbox is full")]
    [InlineData("anna@mine.test", "250")]
    [InlineData("nobody@mine.test", "550 5.1.1 No such recipient here")]
    [InlineData("any@sub.mine.test", "250")]
    [InlineData("odd@mine.test", "451 4.3.0")]
    [InlineData("any@other.test", "550 5.7.1 Relaying denied")]
    public async Task Recipient_is_judged(string recipient, string reply)
    {
        await using RunningEdge edge = Run(Recipients(
            ("full@mine.test", "450 4.2.1 Mailbox is full"), ("anna@mine.test", "ok"), (".mine.test", "ok"), ("odd@mine.test", "perhaps"), ("other.test", "ok")));
        using TestClient client = await OpenAsync(edge);
        Assert.StartsWith(reply, await client.AskAsync($"RCPT TO:<{recipient}>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rewritten_recipients_are_in_the_envelope_and_keep_their_old_names_for_reports()
    {
        await using RunningEdge edge = Run(Recipients(("old@mine.test", "rewrite new@else.test"), ("older@mine.test", "rewrite new@else.test"), ("b@mine.test", "ok")));
        using TestClient client = await OpenAsync(edge);
        foreach (string recipient in (string[])["old@mine.test", "older@mine.test", "b@mine.test"])
            Assert.StartsWith("250", await client.AskAsync($"RCPT TO:<{recipient}>"), StringComparison.Ordinal);
        await client.AskAsync("DATA");
        Assert.StartsWith("250", await client.AskAsync("x\r\n."), StringComparison.Ordinal);

        (Envelope envelope, _) = Assert.Single(_queue.Messages);
        Assert.Equal(["new@else.test", "b@mine.test"], envelope.Recipients.Select(recipient => recipient.Address.Address));
        Assert.Equal("rfc822;old@mine.test", envelope.Recipients[0].OriginalRecipient);
        Assert.Null(envelope.Recipients[1].OriginalRecipient);
    }

    [Fact]
    public async Task Sender_is_judged_and_rewritten_for_its_own_message_only()
    {
        await using RunningEdge edge = Run(new AddressListCheck(
            Table(("spammer@client.test", "drop"), ("bad.test", "refuse"), ("old@client.test", "rewrite new@client.test")),
            new AddressListOptions { Kind = AddressListKind.Sender }));
        using TestClient client = await edge.ConnectAsync("127.0.0.2");
        await client.HelloAsync();
        Assert.Equal("550 5.7.1 Sender refused", await client.AskAsync("MAIL FROM:<x@bad.test>"));
        foreach (string sender in (string[])["old@client.test", "a@client.test", ""])
        {
            Assert.StartsWith("250", await client.AskAsync($"MAIL FROM:<{sender}>"), StringComparison.Ordinal);
            await client.AskAsync("RCPT TO:<b@mine.test>");
            await client.AskAsync("DATA");
            await client.AskAsync("x\r\n.");
        }

        Assert.Equal(["new@client.test", "a@client.test", ""], _queue.Messages.Select(message => message.Envelope.ReversePath.Address));
        await client.SendAsync("MAIL FROM:<spammer@client.test>\r\n");
        Assert.Equal("", await client.ReadAsync());
    }

    [Fact]
    public async Task List_that_cannot_be_asked_refuses_for_now()
    {
        await using RunningEdge edge = Run(new AddressListCheck(new BrokenLookup(), new AddressListOptions { Kind = AddressListKind.Recipient }));
        using TestClient client = await OpenAsync(edge);
        Assert.StartsWith("451 4.3.0", await client.AskAsync("RCPT TO:<b@mine.test>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_that_may_relay_is_spared_unless_told_otherwise()
    {
        foreach (bool judges in (bool[])[false, true])
        {
            var options = new AddressListOptions { Kind = AddressListKind.Recipient, IsComplete = true, JudgesRelayingClients = judges };
            await using RunningEdge edge = Run(new AddressListCheck(Table(), options));
            using TestClient client = await edge.ConnectAsync("127.0.0.1");
            await client.HelloAsync();
            await client.AskAsync("MAIL FROM:<a@b.test>");
            Assert.StartsWith(judges ? "550" : "250", await client.AskAsync("RCPT TO:<b@mine.test>"), StringComparison.Ordinal);
        }
    }

    public void Dispose() => _queue.Dispose();

    private static TableLookup Table(params (string Key, string Value)[] entries) => new(entries.Select(entry => KeyValuePair.Create(entry.Key, entry.Value)));

    private static AddressListCheck Recipients(params (string Key, string Value)[] entries) =>
        new(Table(entries), new AddressListOptions { Kind = AddressListKind.Recipient, IsComplete = true });

    private static async Task<TestClient> OpenAsync(RunningEdge edge)
    {
        TestClient client = await edge.ConnectAsync("127.0.0.2");
        await client.HelloAsync();
        Assert.StartsWith("250", await client.AskAsync("MAIL FROM:<a@b.test>"), StringComparison.Ordinal);
        return client;
    }

    private RunningEdge Run(SessionHook hook) =>
        new(_queue, RunningEdge.ForStrangers with { AcceptDomains = ["mine.test", ".mine.test"], Hooks = [hook] });

    private sealed class BrokenLookup : ILookup
    {
        public ValueTask<string?> FindAsync(string key, CancellationToken cancellationToken) =>
            ValueTask.FromException<string?>(new LookupException("The database is away."));
    }
}
