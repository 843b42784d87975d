using System.Net;
using FsCheck;
using FsCheck.Xunit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Dns;
using SlimtaFast.Mail;
using SlimtaFast.Relay.Mx;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Connections;
using SlimtaFast.TestKit.Dns;
using SlimtaFast.TestKit.Smtp;

namespace SlimtaFast.Relay.Tests.Mx;

public sealed class MxRelayTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeResolver _dns = new();
    private readonly MemoryTransport _network;

    public MxRelayTests() => _network = new MemoryTransport(_time);

    public ValueTask DisposeAsync() => _network.DisposeAsync();

    [Fact]
    public async Task Attempt_goes_to_the_most_preferred_exchanger()
    {
        _dns.Mx("x.example", (20, "b.example"), (10, "a.example")).Host("a.example", "192.0.2.1").Host("b.example", "192.0.2.2");
        ScriptedServer a = Serve("192.0.2.1");
        ScriptedServer b = Serve("192.0.2.2");
        DeliveryReport report = await AttemptAsync("u@x.example");
        Assert.Equal(OutcomeKind.Delivered, report.Outcomes[0].Kind);
        Assert.Equal("a.example", report.Outcomes[0].RemoteName);
        Assert.Single(a.Messages);
        Assert.Empty(b.Messages);
    }

    [Theory]
    [InlineData("")]
    [InlineData("421 4.3.2 Busy")]
    [InlineData("554 5.7.1 No")]
    [InlineData(ScriptedServer.Close)]
    public async Task Attempt_first_exchanger_does_not_serve_goes_to_the_next(string greeting)
    {
        _dns.Mx("x.example", (20, "b.example"), (10, "a.example")).Host("a.example", "192.0.2.1").Host("b.example", "2001:db8::2");
        if (greeting.Length > 0)
            Serve("192.0.2.1").On("GREETING", greeting);
        ScriptedServer b = Serve("2001:db8::2");
        DeliveryReport report = await AttemptAsync("u@x.example");
        Assert.Equal("b.example", report.Outcomes[0].RemoteName);
        Assert.Single(b.Messages);
    }

    [Fact]
    public async Task Attempt_goes_to_the_exchangers_of_the_routing_domain_and_looks_the_recipients_up_no_more()
    {
        _dns.Mx("backup.example", (10, "b.example")).Host("b.example", "192.0.2.2");
        ScriptedServer b = Serve("192.0.2.2");
        MessageContent content = Contents.InMemory();
        Envelope envelope = Envelopes.Make(content, to: ["u@x.example", "v@y.example"]);
        await using var relay = new MxRelay(_network, _dns, null, _time, new Random(1));
        DeliveryReport report = await relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients) { RoutingDomain = "backup.example" }, CancellationToken.None);
        content.Release();
        Assert.All(report.Outcomes, static outcome => Assert.Equal((OutcomeKind.Delivered, "b.example"), (outcome.Kind, outcome.RemoteName)));
        Assert.Single(b.Messages);
    }

    [Theory]
    [InlineData("mistyped.example", OutcomeKind.Transient, "4.4.4", HopCondition.Down)]
    [InlineData("null.example", OutcomeKind.Transient, "4.4.4", HopCondition.Down)]
    [InlineData("x.example", OutcomeKind.Permanent, "5.1.2", HopCondition.Up)]
    [InlineData(null, OutcomeKind.Permanent, "5.1.2", HopCondition.Up)]
    public async Task Domain_that_takes_no_mail_returns_what_is_for_it_and_not_what_an_operator_sends_there(string? way, OutcomeKind kind, string status, HopCondition hop)
    {
        _dns.Mx("null.example", (0, ""));
        MessageContent content = Contents.InMemory();
        Envelope envelope = Envelopes.Make(content, to: ["u@X.example"]);
        await using var relay = new MxRelay(_network, _dns, null, _time, new Random(1));
        DeliveryReport report = await relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients) { RoutingDomain = way }, CancellationToken.None);
        content.Release();
        Assert.Equal((kind, status, hop), (report.Outcomes[0].Kind, report.Outcomes[0].Reply.Status.ToString(), report.Hop));
    }

    [Fact]
    public async Task Attempt_goes_to_the_address_of_a_routing_literal()
    {
        ScriptedServer b = Serve("192.0.2.2");
        MessageContent content = Contents.InMemory();
        Envelope envelope = Envelopes.Make(content, to: ["u@x.example"]);
        await using var relay = new MxRelay(_network, _dns, null, _time, new Random(1));
        DeliveryReport report = await relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients) { RoutingDomain = "[192.0.2.2]" }, CancellationToken.None);
        content.Release();
        Assert.Equal(OutcomeKind.Delivered, report.Outcomes[0].Kind);
        Assert.Single(b.Messages);
    }

    [Fact]
    public async Task Attempt_refused_recipient_does_not_try_another_exchanger()
    {
        _dns.Mx("x.example", (20, "b.example"), (10, "a.example")).Host("a.example", "192.0.2.1").Host("b.example", "192.0.2.2");
        Serve("192.0.2.1").On("RCPT", "450 4.2.1 Later");
        ScriptedServer b = Serve("192.0.2.2");
        Assert.Equal(OutcomeKind.Transient, (await AttemptAsync("u@x.example")).Outcomes[0].Kind);
        Assert.Empty(b.Connections);
    }

    [Theory]
    [InlineData(AddressPreference.V4First, "192.0.2.1 2001:db8::1 192.0.2.2 2001:db8::2 192.0.2.3")]
    [InlineData(AddressPreference.V6First, "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2 192.0.2.3")]
    [InlineData(AddressPreference.V4Only, "192.0.2.1 192.0.2.2 192.0.2.3")]
    [InlineData(AddressPreference.V6Only, "2001:db8::1 2001:db8::2")]
    public async Task Attempt_host_with_several_addresses_tries_each_in_turns_of_both_families(AddressPreference preference, string order)
    {
        _dns.Mx("x.example", (10, "a.example")).Host("a.example", "2001:db8::1", "2001:db8::2", "192.0.2.1", "192.0.2.2", "192.0.2.3");
        await using var relay = new MxRelay(_network, _dns, new MxRelayOptions { Smtp = new SmtpRelayOptions { Addresses = preference } }, _time, new Random(1));
        MessageContent content = Contents.InMemory();
        Envelope envelope = Envelopes.Make(content, to: "u@x.example");
        DeliveryReport report = await relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients), CancellationToken.None);
        content.Release();
        Assert.Equal(OutcomeKind.Transient, report.Outcomes[0].Kind);
        Assert.Equal(order.Split(' '), _network.Attempts.Select(static endPoint => ((IPEndPoint)endPoint).Address.ToString()));
    }

    [Fact]
    public async Task Attempt_dead_address_is_passed_over_for_the_next()
    {
        _dns.Mx("x.example", (10, "a.example")).Host("a.example", "2001:db8::1", "192.0.2.1", "192.0.2.2");
        ScriptedServer server = Serve("192.0.2.2");
        Assert.Equal(OutcomeKind.Delivered, (await AttemptAsync("u@x.example")).Outcomes[0].Kind);
        Assert.Equal(3, _network.Attempts.Count);
        Assert.Single(server.Messages);
    }

    [Fact]
    public async Task Attempt_hundred_dead_addresses_tries_a_few()
    {
        _dns.Mx("x.example", [.. Enumerable.Range(1, 100).Select(static i => (i, $"mx{i}.example"))]);
        for (int i = 1; i <= 100; i++)
            _dns.Host($"mx{i}.example", $"192.0.2.{i}", $"198.51.100.{i}");
        DeliveryReport report = await AttemptAsync("u@x.example");
        Assert.Equal(OutcomeKind.Transient, report.Outcomes[0].Kind);
        Assert.Equal(HopCondition.Down, report.Hop);
        Assert.InRange(_network.Attempts.Count, 1, 6);
    }

    [Fact]
    public async Task Attempt_dead_exchanger_is_passed_over_for_a_while()
    {
        _dns.Mx("x.example", (20, "b.example"), (10, "a.example")).Host("a.example", "192.0.2.1", "192.0.2.9").Host("b.example", "192.0.2.2");
        Serve("192.0.2.2").On("DOT", "250 2.0.0 Ok" + ScriptedServer.Close);
        await using MxRelay relay = Make();
        await AttemptAsync("u@x.example", relay);
        Assert.Equal(3, _network.Attempts.Count);
        await AttemptAsync("u@x.example", relay);
        // Both addresses of the first host are dead: only the one whose turn comes first is tried.
        Assert.Equal(5, _network.Attempts.Count);
        ScriptedServer a = Serve("192.0.2.1");
        _time.Advance(TimeSpan.FromMinutes(1));
        await AttemptAsync("u@x.example", relay);
        Assert.Single(a.Messages);
    }

    [Fact]
    public async Task Attempt_null_mx_is_permanent_at_once()
    {
        _dns.Mx("x.example", (0, "")).Host("x.example", "192.0.2.1");
        DeliveryReport report = await AttemptAsync("u@x.example");
        Assert.Equal(OutcomeKind.Permanent, report.Outcomes[0].Kind);
        Assert.StartsWith("556 5.1.10 ", report.Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
        Assert.Empty(_network.Attempts);
    }

    [Fact]
    public async Task Attempt_no_mx_record_goes_to_the_domain_itself()
    {
        _dns.Status("MX", "x.example", DnsStatus.NoRecords).Host("x.example", "192.0.2.1");
        ScriptedServer server = Serve("192.0.2.1");
        Assert.Equal(OutcomeKind.Delivered, (await AttemptAsync("u@x.example")).Outcomes[0].Kind);
        Assert.Single(server.Messages);
    }

    [Fact]
    public async Task Attempt_mx_lookup_failed_is_transient_and_never_the_domain_itself()
    {
        _dns.Status("MX", "x.example", DnsStatus.Failed).Host("x.example", "192.0.2.1");
        Serve("192.0.2.1");
        DeliveryReport report = await AttemptAsync("u@x.example");
        Assert.StartsWith("451 4.4.3 ", report.Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
        Assert.Equal(OutcomeKind.Transient, report.Outcomes[0].Kind);
        Assert.Empty(_network.Attempts);
    }

    [Fact]
    public async Task Attempt_unknown_domain_is_permanent()
    {
        DeliveryReport report = await AttemptAsync("u@none.example");
        Assert.StartsWith("550 5.1.2 ", report.Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
        Assert.Equal(OutcomeKind.Permanent, report.Outcomes[0].Kind);
    }

    [Fact]
    public async Task Attempt_exchangers_without_addresses_is_permanent_unless_one_is_unknown()
    {
        _dns.Mx("x.example", (10, "a.example"), (20, "b.example")).Host("a.example").Host("b.example");
        DeliveryReport report = await AttemptAsync("u@x.example");
        Assert.Equal(OutcomeKind.Permanent, report.Outcomes[0].Kind);
        Assert.StartsWith("550 5.4.4 ", report.Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
        _dns.Status("AAAA", "a.example", DnsStatus.Failed);
        Assert.Equal(OutcomeKind.Transient, (await AttemptAsync("u@x.example")).Outcomes[0].Kind);
    }

    [Theory]
    [InlineData(DnsStatus.Failed, DnsStatus.Failed)]
    [InlineData(DnsStatus.NoRecords, DnsStatus.NoRecords)]
    [InlineData(DnsStatus.NoRecords, DnsStatus.Failed)]
    public async Task Attempt_hundred_exchangers_without_addresses_looks_a_few_up(DnsStatus v4, DnsStatus v6)
    {
        _dns.Mx("x.example", [.. Enumerable.Range(1, 100).Select(static i => (i, $"mx{i}.example"))]);
        for (int i = 1; i <= 100; i++)
            _dns.Status("A", $"mx{i}.example", v4).Status("AAAA", $"mx{i}.example", v6);
        DeliveryReport report = await AttemptAsync("u@x.example");
        Assert.Equal(OutcomeKind.Transient, report.Outcomes[0].Kind);
        Assert.Equal(
            "451 4.4.3 No address was found for 10 of the domain's 100 mail exchangers; the others were not looked up", report.Outcomes[0].Reply.ToString());
        Assert.Equal(HopCondition.Down, report.Hop);
        Assert.Equal(10, _dns.Questions.Count(static question => question.Kind == "A"));
    }

    [Theory]
    [InlineData(9, OutcomeKind.Delivered)]
    [InlineData(10, OutcomeKind.Transient)]
    public async Task Attempt_exchanger_behind_some_without_addresses_is_reached(int without, OutcomeKind kind)
    {
        _dns.Mx("x.example", [.. Enumerable.Range(1, without).Select(static i => (i, $"mx{i}.example")), (1000, "a.example")]).Host("a.example", "192.0.2.1");
        Serve("192.0.2.1");
        Assert.Equal(kind, (await AttemptAsync("u@x.example")).Outcomes[0].Kind);
    }

    [Fact]
    public async Task Attempt_only_exchangers_without_addresses_is_permanent_where_all_were_looked_up()
    {
        _dns.Mx("x.example", [.. Enumerable.Range(1, 10).Select(static i => (i, $"mx{i}.example"))]);
        Assert.StartsWith("550 5.4.4 ", (await AttemptAsync("u@x.example")).Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("0.0.0.0")]
    [InlineData("203.0.113.5")]
    [InlineData("::ffff:203.0.113.5")]
    public async Task Attempt_exchanger_is_this_host_is_permanent(string address)
    {
        _dns.Mx("x.example", (10, "a.example"), (20, "b.example")).Host("a.example", address).Host("b.example", "192.0.2.2");
        Serve("192.0.2.2");
        DeliveryReport report = await AttemptAsync("u@x.example");
        Assert.StartsWith("554 5.4.6 ", report.Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
        Assert.Empty(_network.Attempts);
    }

    [Fact]
    public async Task Attempt_addresses_in_refused_networks_are_as_if_they_were_not_there()
    {
        string[] refused = ["10.1.2.3", "100.64.0.1", "169.254.169.254", "172.31.255.255", "192.168.0.1", "::ffff:10.0.0.1", "fd00::1", "fe80::1"];
        _dns.Mx("x.example", (10, "a.example"), (20, "b.example")).Host("a.example", refused).Host("b.example", "10.1.2.3", "192.0.2.2");
        _dns.Mx("inside.example", (10, "a.example"));
        foreach (string address in refused)
            Serve(address);
        ScriptedServer outside = Serve("192.0.2.2");
        await using MxRelay relay = Make(MxRelayOptions.PrivateNetworks);
        Assert.Equal(OutcomeKind.Delivered, (await AttemptAsync("u@x.example", relay)).Outcomes[0].Kind);
        Assert.Single(outside.Messages);
        foreach (string recipient in (string[])["u@inside.example", "u@[10.1.2.3]", "u@[IPv6:fd00::1]"])
        {
            RecipientOutcome outcome = (await AttemptAsync(recipient, relay)).Outcomes[0];
            Assert.Equal(OutcomeKind.Permanent, outcome.Kind);
            Assert.StartsWith("550 5.4.4 ", outcome.Reply.ToString(), StringComparison.Ordinal);
        }

        Assert.Equal(["192.0.2.2"], _network.Attempts.Select(static attempt => ((IPEndPoint)attempt).Address.ToString()));
        // Where nothing is refused they are addresses like others.
        Assert.Equal(OutcomeKind.Delivered, (await AttemptAsync("u@[10.1.2.3]")).Outcomes[0].Kind);
    }

    [Fact]
    public async Task Attempt_exchanger_after_others_is_this_host_stays_transient()
    {
        _dns.Mx("x.example", (10, "a.example"), (20, "b.example")).Host("a.example", "192.0.2.1").Host("b.example", "203.0.113.5");
        Assert.Equal(OutcomeKind.Transient, (await AttemptAsync("u@x.example")).Outcomes[0].Kind);
    }

    [Theory]
    [InlineData("u@[192.0.2.1]", "192.0.2.1")]
    [InlineData("u@[IPv6:2001:db8::1]", "2001:db8::1")]
    public async Task Attempt_address_literal_needs_no_dns(string recipient, string address)
    {
        ScriptedServer server = Serve(address);
        Assert.Equal(OutcomeKind.Delivered, (await AttemptAsync(recipient)).Outcomes[0].Kind);
        Assert.Single(server.Messages);
        Assert.Empty(_dns.Questions);
    }

    [Theory]
    [InlineData("postmaster")]
    [InlineData("u@192.0.2.1")]
    [InlineData("u@1")]
    public async Task Attempt_no_deliverable_domain_is_permanent(string recipient)
    {
        DeliveryReport report = await AttemptAsync(recipient);
        Assert.StartsWith("550 5.1.2 ", report.Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
        Assert.Empty(_network.Attempts);
    }

    [Fact]
    public async Task Attempt_exchanger_that_is_an_address_is_no_host()
    {
        _dns.Mx("x.example", (10, "192.0.2.1"));
        Assert.StartsWith("550 5.4.4 ", (await AttemptAsync("u@x.example")).Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attempt_international_domain_is_asked_for_in_ascii()
    {
        _dns.Mx("xn--mnchen-3ya.example", (10, "a.example")).Host("a.example", "192.0.2.1");
        Serve("192.0.2.1", "SMTPUTF8", "8BITMIME");
        Assert.Equal(OutcomeKind.Delivered, (await AttemptAsync("u@m\u00fcnchen.example")).Outcomes[0].Kind);
    }

    [Fact]
    public async Task Attempt_recipients_of_several_domains_each_go_to_theirs()
    {
        _dns.Mx("x.example", (10, "a.example")).Host("a.example", "192.0.2.1").Mx("y.example", (0, ""));
        ScriptedServer server = Serve("192.0.2.1");
        DeliveryReport report = await AttemptAsync(["u@x.example", "v@y.example", "w@X.EXAMPLE"]);
        Assert.Equal([OutcomeKind.Delivered, OutcomeKind.Permanent, OutcomeKind.Delivered], report.Outcomes.Select(static outcome => outcome.Kind));
        Assert.Single(server.Messages);
    }

    [Fact]
    public async Task Attempt_domains_with_the_same_exchanger_share_its_connection()
    {
        _dns.Mx("x.example", (10, "a.example")).Mx("y.example", (10, "a.example")).Host("a.example", "192.0.2.1");
        ScriptedServer server = Serve("192.0.2.1");
        await using MxRelay relay = Make();
        await AttemptAsync("u@x.example", relay);
        await AttemptAsync("u@y.example", relay);
        Assert.Single(server.Connections);
        Assert.Equal("x.example", relay.GetNextHop("x.example"));
    }

    [Theory]
    [InlineData("[2001:db8::1]")]
    [InlineData("[ipv6:192.0.2.1]")]
    [InlineData("[tag:content]")]
    [InlineData("[]")]
    [InlineData("[")]
    [InlineData(".")]
    [InlineData("")]
    public async Task Find_literal_or_name_of_no_host_is_permanent(string domain)
    {
        MxRoute route = await new MxRouter(_dns, 25, new Random(1)).FindAsync(domain, default);
        Assert.Empty(route.Hosts);
        Assert.Equal(OutcomeKind.Permanent, route.Outcome.Kind);
    }

    [Property(MaxTest = 200)]
    public void Find_any_records_come_by_preference_and_without_loss(NonEmptyArray<byte> preferences, int seed)
    {
        (int Preference, string Exchange)[] records = [.. preferences.Get.Select(static (preference, i) => (preference % 4, $"mx{i}.example"))];
        var resolver = new FakeResolver().Mx("x.example", records);
        var router = new MxRouter(resolver, 25, new Random(seed));
        MxRoute route = router.FindAsync("x.example", default).AsTask().GetAwaiter().GetResult();
        string[] hosts = [.. route.Hosts.Select(static target => target.Host)];
        Assert.Equal(records.Select(static record => record.Exchange).Order(), hosts.Order());
        int[] ordered = [.. hosts.Select(host => records.First(record => record.Exchange == host).Preference)];
        Assert.Equal(ordered.Order(), ordered);
    }

    [Fact]
    public async Task Find_equal_preferences_each_come_first_about_equally_often()
    {
        var resolver = new FakeResolver().Mx("x.example", (10, "a.example"), (10, "b.example"), (10, "c.example"), (20, "d.example"));
        var router = new MxRouter(resolver, 25, new Random(7));
        var first = new Dictionary<string, int>();
        for (int i = 0; i < 3000; i++)
        {
            string host = (await router.FindAsync("x.example", default)).Hosts[0].Host;
            first[host] = first.GetValueOrDefault(host) + 1;
        }

        Assert.Equal(["a.example", "b.example", "c.example"], first.Keys.Order());
        Assert.All(first.Values, static count => Assert.InRange(count, 850, 1150));
    }

    private ScriptedServer Serve(string address, params string[] extensions)
    {
        var server = extensions.Length > 0 ? new ScriptedServer { Extensions = extensions } : new ScriptedServer();
        server.Listen(_network, new IPEndPoint(IPAddress.Parse(address), 25));
        return server;
    }

    private MxRelay Make(IReadOnlyCollection<IPNetwork>? refused = null) =>
        new(_network, _dns, new MxRelayOptions { OwnAddresses = [IPAddress.Parse("203.0.113.5")], RefuseNetworks = refused ?? [] }, _time, new Random(1), NullLogger<MxRelay>.Instance);

    private async Task<DeliveryReport> AttemptAsync(string recipient, MxRelay? relay = null) => await AttemptAsync([recipient], relay);

    private async Task<DeliveryReport> AttemptAsync(string[] recipients, MxRelay? relay = null)
    {
        await using MxRelay? own = relay is null ? Make() : null;
        MessageContent content = Contents.InMemory();
        Envelope envelope = Envelopes.Make(content, to: recipients);
        DeliveryReport report = await (relay ?? own!).AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients), CancellationToken.None);
        content.Release();
        return report;
    }
}
