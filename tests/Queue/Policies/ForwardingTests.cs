using SlimtaFast.Lookup;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;

namespace SlimtaFast.Queue.Tests.Policies;

public class ForwardingTests
{
    [Fact]
    public void First_rule_that_changes_an_address_into_something_wins()
    {
        IQueuePolicy policy = new ForwardPolicy(
        [
            new ForwardRule("@nowhere[.]example$", ""),
            new ForwardRule("^.*@gone[.]example$", ""),
            new ForwardRule(@"^(\w+)[+].*@", "$1@"),
            new ForwardRule("@old[.]example$", "@new.example"),
            new ForwardRule("new", "never"),
        ]);
        Assert.Equal(
            ["bob@old.example", "bob@new.example", "x@gone.example", "y@other.example"],
            Deliver(policy, "bob+tag@old.example", "bob@OLD.example", "x@gone.example", "y@other.example"));
    }

    [Fact]
    public void Count_bounds_what_is_replaced() =>
        Assert.Equal(["bbaa@x.example"], Deliver(new ForwardPolicy([new ForwardRule("a", "b", count: 2)]), "aaaa@x.example"));

    [Fact]
    public void Rule_that_makes_no_address_puts_the_message_off() =>
        Assert.Equal("451 4.3.0", Refused(new ForwardPolicy([new ForwardRule("@.*", "")]), "bob@old.example"));

    [Fact]
    public void Original_recipient_is_kept_for_reports_and_duplicates_are_removed()
    {
        using var fixture = new QueueFixture(policies: [new ForwardPolicy([new ForwardRule("^.*@old", "all@old")])]);
        Envelope envelope = fixture.Envelope(to: ["a@old.example", "b@old.example"]);
        fixture.Enqueue(envelope with { Recipients = [new Recipient(Mailbox.Parse("a@old.example"), DsnNotify.Success), .. envelope.Recipients] });
        Recipient recipient = Assert.Single(fixture.Relay.Attempts[0].Envelope.Recipients);
        Assert.Equal(new Recipient(Mailbox.Parse("all@old.example"), DsnNotify.Success, "rfc822;a@old.example"), recipient);
    }

    [Fact]
    public void Original_recipient_of_an_earlier_server_stays()
    {
        using var fixture = new QueueFixture(policies: [new ForwardPolicy([new ForwardRule("^a@", "b@")])]);
        fixture.Enqueue(fixture.Envelope() with { Recipients = [new Recipient(Mailbox.Parse("a@x.example"), OriginalRecipient: "rfc822;first@y.example")] });
        Assert.Equal("rfc822;first@y.example", Assert.Single(Assert.Single(fixture.Relay.Attempts).Envelope.Recipients).OriginalRecipient);
    }

    [Theory]
    [InlineData("bob@x.example", "a@x.example,b@x.example", "a@x.example,b@x.example")]
    [InlineData("bob@x.example", "bob@x.example, a@x.example", "bob@x.example,a@x.example")]
    [InlineData("BOB@X.example", "bob2@x.example", "bob2@x.example")]
    [InlineData("@x.example", "all@x.example", "all@x.example")]
    [InlineData("@x.example", "@y.example", "bob+tag@y.example")]
    [InlineData("nobody@x.example", "a@x.example", "bob+tag@x.example")]
    [InlineData("bob+tag@x.example", "a@x.example", "a@x.example")]
    public void Alias_is_found_by_address_without_tag_and_for_the_domain(string key, string value, string expected)
    {
        // A catch-all would catch its own result again.
        var aliases = new Dictionary<string, string> { [key] = value, ["all@x.example"] = "all@x.example" };
        string asked = key.StartsWith("bob@", StringComparison.OrdinalIgnoreCase) && !key.Contains('+', StringComparison.Ordinal) ? "bob@x.example" : "bob+tag@x.example";
        Assert.Equal(expected.Split(','), Deliver(Aliases(aliases), asked));
    }

    [Theory]
    [InlineData(false, "sue@y.example")]
    [InlineData(true, "sue+news@y.example")]
    public void Tag_is_dropped_or_kept(bool keep, string expected) =>
        Assert.Equal([expected], Deliver(Aliases(new() { ["bob@x.example"] = "sue@y.example" }, new AliasOptions { KeepTag = keep }), "bob+news@x.example"));

    [Fact]
    public void Tags_may_be_switched_off() =>
        Assert.Equal(["bob+x@x.example"], Deliver(Aliases(new() { ["bob@x.example"] = "sue@y.example" }, new AliasOptions { Delimiter = "" }), "bob+x@x.example"));

    [Fact]
    public void Aliases_of_aliases_are_followed_and_each_recipient_comes_once() =>
        Assert.Equal(
            ["a@x.example", "b@x.example", "c@x.example"],
            Deliver(
                Aliases(new() { ["all@x.example"] = "some@x.example, c@x.example, a@x.example", ["some@x.example"] = "a@x.example, b@x.example" }),
                "all@x.example",
                "b@x.example"));

    [Fact]
    public void Loop_with_a_way_out_is_followed_and_one_without_is_put_off()
    {
        IQueuePolicy policy = Aliases(new()
        {
            ["a@x.example"] = "b@x.example, out@x.example",
            ["b@x.example"] = "a@x.example",
            ["c@x.example"] = "d@x.example",
            ["d@x.example"] = "c@x.example",
        });
        Assert.Equal(["out@x.example"], Deliver(policy, "b@x.example", "a@x.example"));
        Assert.Equal("451 4.4.6", Refused(policy, "out@x.example", "c@x.example"));
    }

    [Fact]
    public void Chain_that_is_too_deep_and_too_many_recipients_are_put_off()
    {
        var chain = Enumerable.Range(0, 4).ToDictionary(i => $"a{i}@x.example", i => $"a{i + 1}@x.example");
        Assert.Equal(["a4@x.example"], Deliver(Aliases(chain, new AliasOptions { MaxDepth = 4 }), "a0@x.example"));
        Assert.Equal("451 4.4.6", Refused(Aliases(chain, new AliasOptions { MaxDepth = 3 }), "a0@x.example"));
        Dictionary<string, string> many = new() { ["all@x.example"] = "a@x.example, b@x.example, c@x.example" };
        Assert.Equal("452 4.5.3", Refused(Aliases(many, new AliasOptions { MaxRecipients = 2 }), "all@x.example"));
        Assert.Equal(3, Deliver(Aliases([], new AliasOptions { MaxRecipients = 2 }), "a@x.example", "b@x.example", "c@x.example").Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" , ")]
    [InlineData("not an address")]
    public void Alias_that_names_nobody_puts_the_message_off(string value) =>
        Assert.Equal("451 4.3.0", Refused(Aliases(new() { ["bob@x.example"] = value }), "bob@x.example", "sue@x.example"));

    [Fact]
    public void Lookup_that_fails_puts_the_message_off() =>
        Assert.Equal("451 4.3.0", Refused(new AliasPolicy(new FailingLookup()), "bob@x.example"));

    [Theory]
    [InlineData("{\"verp\":\"lists.example\"}", "bob=x.example@lists.example", "")]
    [InlineData("{\"alias\":\"y.example\"}", "bob@y.example", "")]
    [InlineData("{\"alias\":\"{localpart}-{domain}@z.example\"}", "bob-x.example@z.example", "")]
    [InlineData("{\"verp\":\"v.example\",\"alias\":\"w.example\",\"add_headers\":{\"X-List\":\"one\",\"X-Two\":\"a\\r\\nb\"}}", "bob=x.example@w.example", "X-List: one\r\nX-Two: a  b\r\n")]
    public void Records_change_addresses_and_add_fields(string record, string expected, string fields)
    {
        using var fixture = new QueueFixture(policies: [new LookupPolicy(Table(new() { ["x.example"] = record }))]);
        fixture.Enqueue("bob@x.example");
        ScriptedRelay.Attempt attempt = Assert.Single(fixture.Relay.Attempts);
        Assert.Equal(expected, attempt.To);
        Assert.Equal(fields, System.Text.Encoding.ASCII.GetString(attempt.Envelope.AddedHeaders.Span));
        Assert.Equal("rfc822;bob@x.example", attempt.Envelope.Recipients[0].OriginalRecipient);
    }

    [Fact]
    public void Sender_is_looked_up_where_that_is_asked_for()
    {
        using var fixture = new QueueFixture(policies: [new LookupPolicy(Table(new() { ["alice@example.com"] = "{\"verp\":\"v.example\"}" }), onSender: true, onRecipients: false)]);
        fixture.Enqueue("bob@x.example");
        Assert.Equal("alice=example.com@v.example", Assert.Single(fixture.Relay.Attempts).Envelope.ReversePath.Address);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("{\"alias\":5}")]
    [InlineData("{\"add_headers\":{\"X Y\":\"1\"}}")]
    [InlineData("{\"add_headers\":[]}")]
    public void Record_that_cannot_be_used_puts_the_message_off(string record) =>
        Assert.Equal("451 4.3.0", Refused(new LookupPolicy(Table(new() { ["x.example"] = record })), "bob@x.example"));

    [Fact]
    public void Splits_make_parts_by_recipient_and_by_domain()
    {
        Assert.Equal(3, Parts(QueuePolicies.SplitByRecipient));
        Assert.Equal(2, Parts(QueuePolicies.SplitByDomain));

        static int Parts(IQueuePolicy split)
        {
            using var fixture = new QueueFixture(policies: [split]);
            fixture.Enqueue("a@one.example", "b@two.example", "c@ONE.example");
            return fixture.Relay.Attempts.Count;
        }
    }

    private static AliasPolicy Aliases(Dictionary<string, string> aliases, AliasOptions? options = null) => new(Table(aliases), options);

    private static TableLookup Table(Dictionary<string, string> entries) => new(entries);

    private static string[] Deliver(IQueuePolicy policy, params string[] to)
    {
        var seen = new Recorder();
        using var fixture = new QueueFixture(policies: [policy, seen]);
        Assert.Equal(250, fixture.Enqueue(to).Reply.Code);
        return seen.Recipients;
    }

    private static string Refused(IQueuePolicy policy, params string[] to)
    {
        using var fixture = new QueueFixture(policies: [policy]);
        SmtpReply reply = fixture.Enqueue(to).Reply;
        Assert.Empty(fixture.Storage.Done);
        return $"{reply.Code} {reply.Status}";
    }

    private sealed class Recorder : IQueuePolicy
    {
        public string[] Recipients { get; private set; } = [];

        public ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken)
        {
            Recipients = [.. message.Envelope.Recipients.Select(r => r.Address.Address)];
            return ValueTask.CompletedTask;
        }
    }

    private sealed class FailingLookup : ILookup
    {
        public ValueTask<string?> FindAsync(string key, CancellationToken cancellationToken) => throw new LookupException("away");
    }
}
