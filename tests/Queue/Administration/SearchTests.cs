using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;

namespace SlimtaFast.Queue.Tests.Administration;

public class SearchTests
{
    [Fact]
    public void Pages_name_every_item_once_although_others_come_and_go_meanwhile()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (envelope, attempt) =>
            attempt.Recipients[0].Address.Address.StartsWith("stays", StringComparison.Ordinal) ? Replies.All(attempt, Replies.Later) : Replies.Delivered(attempt);
        for (int i = 0; i < 1000; i++)
            fixture.Enqueue($"stays{i}@d{i % 7}.example");
        List<string> seen = [];
        string? cursor = null;
        do
        {
            ItemPage page = fixture.Search(new QueueFilter(), cursor, most: 33);
            Assert.InRange(page.Items.Count, 0, 33);
            seen.AddRange(page.Items.Select(static item => item.Envelope.Recipients[0].Address.Address).Where(static address => address.StartsWith("stays", StringComparison.Ordinal)));
            cursor = page.Next;
            fixture.Enqueue($"goes{seen.Count}@other.example");
        }
        while (cursor is not null);
        Assert.Equal(Enumerable.Range(0, 1000).Select(static i => $"stays{i}@d{i % 7}.example").Order(), seen.Order());
    }

    [Fact]
    public void Filter_finds_what_all_of_it_applies_to()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Hop = static domain => domain == "b.example" ? "hub" : domain;
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Later);
        fixture.EnqueueAs("alice@example.com", "u1@a.example", "u2@a.example");
        fixture.EnqueueAs("", "u3@b.example");
        fixture.Advance(TimeSpan.FromSeconds(30));
        fixture.EnqueueAs("Bob@Sales.example.com", "u4@b.example");
        Assert.Equal(["u1", "u3", "u4"], Find(fixture, new QueueFilter()));
        Assert.Equal(["u1"], Find(fixture, new QueueFilter { Sender = new AddressFilter("ALICE") }));
        Assert.Equal(["u3"], Find(fixture, new QueueFilter { Sender = new AddressFilter("<>") }));
        Assert.Equal(["u4"], Find(fixture, new QueueFilter { Sender = new AddressFilter("sales.example.com", AddressMatch.Domain) }));
        Assert.Equal(["u4"], Find(fixture, new QueueFilter { Sender = new AddressFilter("bob@sales.example.com", AddressMatch.Exact) }));
        Assert.Empty(Find(fixture, new QueueFilter { Sender = new AddressFilter("bob@sales.example", AddressMatch.Exact) }));
        Assert.Equal(["u1"], Find(fixture, new QueueFilter { Recipient = new AddressFilter("u2@") }));
        Assert.Equal(["u3", "u4"], Find(fixture, new QueueFilter { Recipient = new AddressFilter("b.example", AddressMatch.Domain) }));
        Assert.Equal(["u3", "u4"], Find(fixture, new QueueFilter { Domain = "B.example" }));
        Assert.Equal(["u3", "u4"], Find(fixture, new QueueFilter { NextHop = "hub" }));
        Assert.Equal(["u4"], Find(fixture, new QueueFilter { NextHop = "hub", YoungerThan = TimeSpan.FromSeconds(10) }));
        Assert.Equal(["u1", "u3"], Find(fixture, new QueueFilter { OlderThan = TimeSpan.FromSeconds(30) }));
        Assert.Equal(["u1", "u3", "u4"], Find(fixture, new QueueFilter { LeastAttempts = 1, MostAttempts = 1, Place = QueuePlace.Waiting }));
        Assert.Empty(Find(fixture, new QueueFilter { LeastAttempts = 2 }));
        Assert.Empty(Find(fixture, new QueueFilter { Place = QueuePlace.Ready }));
    }

    [Fact]
    public void Search_without_filter_by_address_reads_only_what_it_shows()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Later);
        for (int i = 0; i < 50; i++)
            fixture.Enqueue($"u{i}@d{i % 10}.example");
        fixture.Storage.Done.Clear();
        Assert.Equal(5, fixture.Search(new QueueFilter { Domain = "d3.example" }).Items.Count);
        Assert.Equal(5, fixture.Storage.Done.Count(static operation => operation == "read"));
    }

    [Fact]
    public void Places_are_told()
    {
        using var fixture = new QueueFixture(new MailQueueOptions { HostName = "mx.example.org", HopInitialAttempts = 1, HopMaxAttempts = 1 });
        fixture.Relay.Holds = true;
        fixture.Enqueue("runs@one.example");
        fixture.Enqueue("next@one.example");
        fixture.Enqueue(fixture.Envelope(to: "later@two.example") with { Terms = new DeliveryTerms { HoldUntil = fixture.Time.GetUtcNow().AddDays(1) } });
        Assert.Equal(
            [("later@two.example", QueuePlace.Held), ("next@one.example", QueuePlace.Ready), ("runs@one.example", QueuePlace.Attempting)],
            fixture.Search(new QueueFilter()).Items.Select(static item => (item.Envelope.Recipients[0].Address.Address, item.Place)).Order());
        fixture.Storage.HoldsUpdates = true;
        fixture.Finish();
        Assert.Single(fixture.Search(new QueueFilter { Place = QueuePlace.Recording }).Items);
        fixture.Storage.HoldsUpdates = false;
        fixture.Storage.Release();
        fixture.Context.Drain();
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("12")]
    [InlineData("-1")]
    [InlineData("0-ffffffff")]
    public void Cursor_of_something_else_is_refused(string cursor)
    {
        using var fixture = new QueueFixture();
        Assert.Throws<QueueDeskException>(() => fixture.Search(new QueueFilter(), cursor));
    }

    [Fact]
    public void Cursor_of_an_earlier_run_is_refused()
    {
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => Replies.All(attempt, Replies.Later);
        fixture.Enqueue("a@one.example");
        fixture.Enqueue("b@one.example");
        string? cursor = fixture.Search(new QueueFilter(), most: 1).Next;
        Assert.Single(fixture.Search(new QueueFilter(), cursor).Items);
        fixture.Advance(TimeSpan.FromSeconds(1));
        fixture.Restart();
        Assert.Throws<QueueDeskException>(() => fixture.Search(new QueueFilter(), cursor));
    }

    [Fact]
    public void Filter_that_makes_no_sense_is_refused()
    {
        using var fixture = new QueueFixture();
        Assert.All(
            new[]
            {
                new QueueFilter { Sender = new AddressFilter(new string('x', 321)) },
                new QueueFilter { Recipient = new AddressFilter("") },
                new QueueFilter { Domain = "" },
                new QueueFilter { NextHop = new string('x', 321) },
                new QueueFilter { OlderThan = TimeSpan.FromSeconds(-1) },
                new QueueFilter { LeastAttempts = -1 },
            },
            filter => Assert.Throws<QueueDeskException>(() => fixture.Search(filter)));
    }

    private static IEnumerable<string> Find(QueueFixture fixture, QueueFilter filter) =>
        fixture.Search(filter).Items.Select(static item => item.Envelope.Recipients[0].Address.Address.Split('@')[0]).Order();
}
