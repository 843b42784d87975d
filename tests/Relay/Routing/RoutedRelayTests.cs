using FsCheck.Xunit;
using SlimtaFast.Mail;
using SlimtaFast.TestKit;

namespace SlimtaFast.Relay.Tests.Routing;

public sealed class RoutedRelayTests : IAsyncDisposable
{
    private readonly RecordingRelay _usual = new("usual", 7), _exact = new("exact"), _below = new("below", 5), _top = new("top");

    public ValueTask DisposeAsync() => Make().DisposeAsync();

    private RoutedRelay Make() => new(
        [new(["example.org", "Other.Example"], _exact, 3), new([".example.org"], _below), new([".org"], _top, 2)], _usual);

    [Theory]
    [InlineData("example.org", "exact/example.org#1", 3)]
    [InlineData("EXAMPLE.ORG", "exact/EXAMPLE.ORG#1", 3)]
    [InlineData("other.example", "exact/other.example#1", 3)]
    [InlineData("a.example.org", "below/a.example.org#2", 5)]
    [InlineData("b.a.example.org", "below/b.a.example.org#2", 5)]
    [InlineData("notexample.org", "top/notexample.org#3", 2)]
    [InlineData("org", "usual/org", 7)]
    [InlineData("a.other.example", "usual/a.other.example", 7)]
    [InlineData("[192.0.2.1]", "usual/[192.0.2.1]", 7)]
    [InlineData("", "usual/", 7)]
    public async Task Narrowest_route_wins(string domain, string hop, int most)
    {
        await using RoutedRelay relay = Make();
        Assert.Equal((hop, most), (relay.GetNextHop(domain), relay.GetMaxAttempts(domain)));
    }

    [Theory]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("xn--bcher-kva.example", "bücher.example")]
    [InlineData(".bücher.example", "a.xn--bcher-kva.example")]
    public async Task International_domain_is_the_same_in_either_spelling(string route, string domain)
    {
        await using var relay = new RoutedRelay([new DomainRoute([route], _exact)], _usual);
        Assert.Equal($"exact/{domain}#1", relay.GetNextHop(domain));
    }

    [Fact]
    public async Task Attempt_that_is_broken_off_keeps_what_another_way_reached()
    {
        await using RoutedRelay relay = Make();
        _usual.Gate = new TaskCompletionSource();
        _usual.Gate.SetCanceled();
        MessageContent content = Contents.InMemory();
        Envelope envelope = Envelopes.Make(content, to: ["1@example.org", "2@far.test"]);
        DeliveryReport report = await relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients), CancellationToken.None);
        content.Release();
        Assert.Equal([OutcomeKind.Delivered, OutcomeKind.Transient], report.Outcomes.Select(static outcome => outcome.Kind));
        Assert.True(report.PossiblyDelivered);
    }

    [Theory]
    [InlineData("x.example.org", "below")]
    [InlineData("other.example", "exact")]
    [InlineData("far.test", "usual")]
    public async Task Routing_domain_decides_for_all_recipients(string way, string expected)
    {
        await using RoutedRelay relay = Make();
        string[] to = ["1@example.org", "2@far.test"];
        MessageContent content = Contents.InMemory();
        Envelope envelope = Envelopes.Make(content, to: to);
        DeliveryReport report = await relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients) { RoutingDomain = way }, CancellationToken.None);
        content.Release();
        Assert.Equal(to, report.Outcomes.Select(static outcome => outcome.Reply.Text));
        foreach ((RecordingRelay one, string name) in new[] { (_usual, "usual"), (_exact, "exact"), (_below, "below"), (_top, "top") })
            Assert.Equal(name == expected ? to : [], one.Served);

        // A relay below a route looks up by that domain, too.
        Assert.Equal(way, new[] { _usual, _exact, _below }.Single(static one => one.Served.Count > 0).Way);
    }

    [Property]
    public void Any_name_is_looked_up(string name)
    {
        string domain = name ?? ".";
        Assert.Contains('/', Make().GetNextHop(domain));
    }

    [Fact]
    public void Domain_in_two_routes_is_refused() =>
        Assert.Contains("a.test", Assert.Throws<ArgumentException>(() => new RoutedRelay([new(["a.test"], _exact), new(["A.test"], _below)], _usual)).Message, StringComparison.OrdinalIgnoreCase);

    [Fact]
    public async Task Recipients_of_several_routes_are_served_each_by_its_own_and_answered_in_their_order()
    {
        RoutedRelay relay = Make();
        _below.Hop = HopCondition.Busy;
        string[] to = ["1@example.org", "2@far.test", "3@x.example.org", "4@example.org"];
        MessageContent content = Contents.InMemory();
        Envelope envelope = Envelopes.Make(content, to: to);
        DeliveryReport report = await relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients), CancellationToken.None);
        content.Release();
        Assert.Equal(to, report.Outcomes.Select(static outcome => outcome.Reply.Text));
        Assert.Equal(HopCondition.Busy, report.Hop);
        Assert.Equal([to[0], to[3]], _exact.Served);
        Assert.Equal([to[1]], _usual.Served);
        Assert.Equal([to[2]], _below.Served);
        await relay.DisposeAsync();
        Assert.True(_usual.IsDisposed && _exact.IsDisposed && _below.IsDisposed && _top.IsDisposed);
    }
}
