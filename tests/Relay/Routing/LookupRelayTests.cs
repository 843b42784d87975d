using SlimtaFast.Mail;
using SlimtaFast.TestKit;

namespace SlimtaFast.Relay.Tests.Routing;

public sealed class LookupRelayTests : IAsyncDisposable
{
    private readonly Dictionary<string, RecordingRelay> _made = [];
    private readonly RecordingRelay _usual = new();
    private Func<string, string?> _find = static _ => null;

    public ValueTask DisposeAsync() => _usual.DisposeAsync();

    private LookupRelay Make(int most = 1000) => new((domain, _) => ValueTask.FromResult(_find(domain)), MakeRelay, _usual, most);

    private RecordingRelay MakeRelay(string text) => text == "nonsense" ? throw new FormatException("no such relay") : _made[text] = new RecordingRelay(text);

    [Fact]
    public async Task Each_attempt_asks_anew_and_relays_are_kept()
    {
        await using LookupRelay relay = Make();
        await AttemptAsync(relay, "a@one.test");
        _find = static domain => domain == "one.test" ? " smtp://one " : null;
        await AttemptAsync(relay, "b@one.test", "c@two.test");
        RecordingRelay first = _made["smtp://one"];
        await AttemptAsync(relay, "d@one.test");
        Assert.Equal(["a@one.test", "c@two.test"], _usual.Served);
        Assert.Same(first, _made["smtp://one"]);
        Assert.Equal(["b@one.test", "d@one.test"], first.Served);
    }

    [Fact]
    public async Task Routing_domain_is_looked_up_instead_of_the_recipients()
    {
        await using LookupRelay relay = Make();
        List<string> asked = [];
        _find = domain =>
        {
            asked.Add(domain);
            return domain == "backup.internal" ? "smtp://backup" : null;
        };
        await AttemptByAsync(relay, "backup.internal", "a@one.test", "b@two.test");
        Assert.Equal(["backup.internal"], asked);
        Assert.Equal(["a@one.test", "b@two.test"], _made["smtp://backup"].Served);
        Assert.Equal("backup.internal", _made["smtp://backup"].Way);
        await AttemptByAsync(relay, "elsewhere.test", "a@one.test");
        Assert.Equal(["a@one.test"], _usual.Served);
    }

    [Theory]
    [InlineData("nonsense", "4.3.5")]
    [InlineData("throw", "4.4.3")]
    public async Task Route_that_is_not_known_or_wrong_leaves_the_message_waiting(string kind, string status)
    {
        await using LookupRelay relay = Make();
        _find = _ => kind == "throw" ? throw new InvalidOperationException("the database is away") : kind;
        DeliveryReport report = await AttemptAsync(relay, "a@one.test", "b@one.test");
        Assert.Equal((HopCondition.Down, 2), (report.Hop, report.Outcomes.Count));
        Assert.All(report.Outcomes, outcome => Assert.Equal((OutcomeKind.Transient, status), (outcome.Kind, outcome.Reply.Status.ToString())));
        Assert.Empty(_usual.Served);
    }

    [Fact]
    public async Task Relay_that_makes_room_is_disposed_once_nobody_uses_it()
    {
        LookupRelay relay = Make(most: 1);
        _find = static domain => domain;
        Task<DeliveryReport> pending = AttemptAsync(relay, "a@one.test");
        RecordingRelay one = _made["one.test"];
        one.Gate = new TaskCompletionSource();
        pending = AttemptAsync(relay, "b@one.test");
        await AttemptAsync(relay, "c@two.test");
        Assert.False(one.IsDisposed);
        one.Gate.SetResult();
        await pending;
        Assert.True(one.IsDisposed);
        Assert.False(_made["two.test"].IsDisposed);
        await AttemptAsync(relay, "d@three.test");
        Assert.True(_made["two.test"].IsDisposed);
        await relay.DisposeAsync();
        Assert.True(_made["three.test"].IsDisposed && _usual.IsDisposed);
    }

    private static Task<DeliveryReport> AttemptAsync(LookupRelay relay, params string[] to) => AttemptByAsync(relay, null, to);

    private static async Task<DeliveryReport> AttemptByAsync(LookupRelay relay, string? way, params string[] to)
    {
        MessageContent content = Contents.InMemory();
        Envelope envelope = Envelopes.Make(content, to: to);
        try
        {
            return await relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients) { RoutingDomain = way }, CancellationToken.None);
        }
        finally
        {
            content.Release();
        }
    }
}
