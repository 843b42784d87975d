using System.Globalization;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Dns;
using SlimtaFast.Mail;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Connections;
using SlimtaFast.TestKit.Dns;
using SlimtaFast.TestKit.Smtp;

namespace SlimtaFast.Relay.Tests.Mx;

/// <summary>Zones made to keep us busy or to lead us astray, asked for at a real server of the DNS.</summary>
public sealed class HostileZoneTests : IAsyncDisposable
{
    private readonly FakeDnsServer _dns = new();
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryTransport _network;

    public HostileZoneTests() => _network = new MemoryTransport(_time);

    public async ValueTask DisposeAsync()
    {
        await _network.DisposeAsync();
        await _dns.DisposeAsync();
    }

    [Fact]
    public async Task Attempt_thousand_exchangers_costs_a_few_look_ups_and_connections()
    {
        _dns.Truncate("x.example");
        for (int i = 0; i < 1000; i++)
        {
            string host = string.Create(CultureInfo.InvariantCulture, $"m{i}.example");
            _dns.Mx("x.example", i, host).Address(host, string.Create(CultureInfo.InvariantCulture, $"192.0.2.{i % 250}"));
        }

        DeliveryReport report = await AttemptAsync();
        Assert.Equal(OutcomeKind.Transient, report.Outcomes[0].Kind);
        Assert.Equal(5, _network.Attempts.Count);
        Assert.Equal(5, _dns.Questions.Count(static question => question.Type == 1));
    }

    [Fact]
    public async Task Attempt_thousand_exchangers_without_addresses_costs_a_few_look_ups()
    {
        _dns.Truncate("x.example");
        for (int i = 0; i < 1000; i++)
            _dns.Mx("x.example", i, string.Create(CultureInfo.InvariantCulture, $"m{i}.example"));
        DeliveryReport report = await AttemptAsync();
        Assert.Equal(OutcomeKind.Transient, report.Outcomes[0].Kind);
        Assert.StartsWith("451 4.4.3 ", report.Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
        Assert.Equal(10, _dns.Questions.Count(static question => question.Type == 1));
    }

    // More do not fit into the 65,535 octets of a message of the DNS.
    [Fact]
    public async Task Attempt_exchanger_with_2500_addresses_costs_a_few_connections()
    {
        _dns.Mx("x.example", 10, "m.example").Truncate("m.example");
        for (int i = 0; i < 2500; i++)
            _dns.Address("m.example", string.Create(CultureInfo.InvariantCulture, $"198.18.{i / 250}.{i % 250}"));
        DeliveryReport report = await AttemptAsync();
        Assert.Equal(OutcomeKind.Transient, report.Outcomes[0].Kind);
        Assert.Equal(5, _network.Attempts.Count);
        Assert.Equal(100, (await Resolver().LookupAAsync("m.example", default)).Records.Count);
    }

    [Fact]
    public async Task Attempt_aliases_in_a_circle_lead_nowhere()
    {
        _dns.Alias("x.example", "y.example").Alias("y.example", "x.example");
        DeliveryReport report = await AttemptAsync();
        Assert.NotEqual(OutcomeKind.Delivered, report.Outcomes[0].Kind);
        Assert.Empty(_network.Attempts);
        Assert.InRange(_dns.Questions.Count, 1, 10);
    }

    [Fact]
    public async Task Attempt_exchanger_whose_aliases_run_in_a_circle_has_no_address()
    {
        _dns.Mx("x.example", 10, "a.example").Alias("a.example", "b.example").Alias("b.example", "a.example");
        DeliveryReport report = await AttemptAsync();
        Assert.NotEqual(OutcomeKind.Delivered, report.Outcomes[0].Kind);
        Assert.Empty(_network.Attempts);
        Assert.InRange(_dns.Questions.Count, 1, 10);
    }

    [Theory]
    [InlineData("192.0.2.1", "550 5.4.4 ")]
    [InlineData("127.0.0.1", "550 5.4.4 ")]
    [InlineData(".", "556 5.1.10 ")]
    [InlineData("localhost", "554 5.4.6 ")]
    [InlineData("loopback.example", "554 5.4.6 ")]
    public async Task Attempt_exchanger_that_is_none_bounces_at_once(string exchange, string reply)
    {
        _dns.Mx("x.example", 0, exchange).Address("localhost", "127.0.0.1").Address("loopback.example", "127.8.9.10");
        DeliveryReport report = await AttemptAsync();
        Assert.Equal(OutcomeKind.Permanent, report.Outcomes[0].Kind);
        Assert.StartsWith(reply, report.Outcomes[0].Reply.ToString(), StringComparison.Ordinal);
        Assert.Empty(_network.Attempts);
    }

    // A company's own names lead there too, so they are tried as any other.
    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("172.16.0.1")]
    [InlineData("192.168.0.1")]
    public async Task Attempt_exchanger_with_a_private_address_is_tried(string address)
    {
        _dns.Mx("x.example", 10, "m.example").Address("m.example", address);
        var server = new ScriptedServer();
        server.Listen(_network, new IPEndPoint(IPAddress.Parse(address), 25));
        Assert.Equal(OutcomeKind.Delivered, (await AttemptAsync()).Outcomes[0].Kind);
        Assert.Single(server.Messages);
    }

    private DnsClientResolver Resolver() => new(new DnsResolverOptions { Servers = [_dns.EndPoint] }, _time);

    private async Task<DeliveryReport> AttemptAsync()
    {
        await using var relay = new MxRelay(_network, Resolver(), new MxRelayOptions(), _time, new Random(1));
        MessageContent content = Contents.InMemory();
        Envelope envelope = Envelopes.Make(content, to: "u@x.example");
        DeliveryReport report = await relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients), CancellationToken.None);
        content.Release();
        return report;
    }
}
