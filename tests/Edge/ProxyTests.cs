using System.Net;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.TestKit.Diagnostics;

namespace SlimtaFast.Edge.Tests;

/// <summary>Connections by way of a proxy: whose they are, and who may say so.</summary>
public sealed class ProxyTests
{
    private static readonly IPNetwork[] Proxies = [IPNetwork.Parse("127.0.0.2/32")];

    private static readonly SmtpEdgeOptions Required = new()
    {
        ProxyProtocol = ProxyProtocolUse.Required,
        ProxyFrom = Proxies,
        ProxyTimeout = TimeSpan.FromSeconds(20),
        AcceptDomains = ["ours.test"],
        Trust = [IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("127.0.0.0/8")],
    };

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.9 198.51.100.1 40000 25\r\n", "192.0.2.9", true)]
    [InlineData("PROXY TCP4 203.0.113.9 198.51.100.1 40000 25\r\n", "203.0.113.9", false)]
    [InlineData("PROXY TCP6 ::ffff:192.0.2.9 ::1 40000 25\r\n", "192.0.2.9", true)]
    [InlineData("PROXY TCP6 2001:db8::9 ::1 40000 25\r\n", "2001:db8::9", false)]
    [InlineData("PROXY UNKNOWN\r\n", "127.0.0.2", true)]
    [InlineData("\r\n\r\n\0\r\nQUIT\n \0\0\0", "127.0.0.2", true)]
    [InlineData("\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c\xc0\0\x02\x09\x7f\0\0\x01\x9c\x40\0\x19", "192.0.2.9", true)]
    public async Task Client_is_the_one_that_the_proxy_names(string header, string address, bool mayRelay)
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, Required);
        using TestClient client = await edge.ConnectAsync("127.0.0.2");
        await client.SendAsync(header);
        await client.HelloAsync();
        await client.DeliverAsync("b@ours.test", "x");
        Assert.StartsWith("250", await client.AskAsync("MAIL FROM:<a@client.test>"), StringComparison.Ordinal);
        Assert.StartsWith(mayRelay ? "250" : "550", await client.AskAsync("RCPT TO:<c@foreign.test>"), StringComparison.Ordinal);

        Assert.Equal(IPAddress.Parse(address), Assert.Single(queue.Messages).Envelope.Client.Address);
    }

    [Fact]
    public async Task Being_a_proxy_grants_no_relaying_and_the_header_is_not_wanted_from_others()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, Required with { Trust = [IPNetwork.Parse("127.0.0.3/32")], ProxyProtocol = ProxyProtocolUse.Optional, ProxyTimeout = TimeSpan.FromMilliseconds(1) });
        using TestClient proxy = await edge.ConnectAsync("127.0.0.2");
        using TestClient direct = await edge.ConnectAsync("127.0.0.3");
        await proxy.HelloAsync();
        await direct.HelloAsync();
        Assert.StartsWith("550", await RelayAsync(proxy), StringComparison.Ordinal);
        Assert.StartsWith("250", await RelayAsync(direct), StringComparison.Ordinal);

        static async Task<string> RelayAsync(TestClient client)
        {
            await client.AskAsync("MAIL FROM:<a@client.test>");
            return await client.AskAsync("RCPT TO:<c@foreign.test>");
        }
    }

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.9 198.51.100.1 40000 25\r\n")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c\xc0\0\x02\x09\x7f\0\0\x01\x9c\x40\0\x19")]
    public async Task Header_of_somebody_else_ends_the_session_and_is_logged(string header)
    {
        using var queue = new CollectingQueue();
        using var log = new CollectingLog();
        await using var edge = new RunningEdge(queue, Required, loggers: log);
        using TestClient client = await edge.ConnectAsync("127.0.0.5");
        Assert.StartsWith("220", await client.ReadAsync(), StringComparison.Ordinal);
        await client.SendAsync(header);
        Assert.StartsWith("421", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal("", await client.ReadAsync());
        await log.WaitForAsync("127.0.0.5:");
        Assert.Contains(log.Lines, line => line.Contains("it sent a PROXY header", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("EHLO x\r\n", "proxy_header_missing")]
    [InlineData("PROXY TCP4 x\r\n", "proxy_header_malformed")]
    [InlineData("PROXY TCP4", "proxy_header_incomplete")]
    [InlineData("", "proxy_header_missing")]
    public async Task Proxy_without_a_good_header_is_closed_and_counted(string sent, string reason)
    {
        // Only what is not whole has to wait for it; half a line must be there before.
        TimeSpan limit = sent switch { "" => TimeSpan.FromMilliseconds(50), "PROXY TCP4" => TimeSpan.FromSeconds(5), _ => TimeSpan.FromMinutes(1) };
        using var counts = new Counts();
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, Required with { ProxyTimeout = limit }, meters: counts);
        using TestClient client = await edge.ConnectAsync("127.0.0.2");
        await client.SendAsync(sent);
        Assert.Equal("", await client.ReadAsync());
        await counts.WaitForAsync($"slimtafast.edge.connections.refused reason={reason}");
    }

    [Fact]
    public async Task Limit_for_each_address_counts_clients_and_not_the_proxy()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, Required with { MaxConnectionsPerAddress = 1 });
        using TestClient first = await edge.ConnectAsync("127.0.0.2"), second = await edge.ConnectAsync("127.0.0.2"), third = await edge.ConnectAsync("127.0.0.2");
        await first.SendAsync("PROXY TCP4 192.0.2.9 198.51.100.1 40000 25\r\n");
        await first.HelloAsync();
        await second.SendAsync("PROXY TCP4 192.0.2.10 198.51.100.1 40000 25\r\n");
        await second.HelloAsync();
        await third.SendAsync("PROXY TCP6 ::ffff:192.0.2.9 ::1 40001 25\r\n");
        Assert.StartsWith("421 4.7.0", await third.ReadAsync(), StringComparison.Ordinal);
        await first.AskAsync("QUIT");
        Assert.Equal("", await first.ReadAsync());
        await WaitForAsync(() => edge.Edge.Connections == 1);
        using TestClient fourth = await edge.ConnectAsync("127.0.0.2");
        await fourth.SendAsync("PROXY TCP4 192.0.2.9 198.51.100.1 40002 25\r\n");
        await fourth.HelloAsync();
    }

    [Fact]
    public async Task Tls_of_the_proxy_is_shown_as_the_proxys()
    {
        var header = new ProxyHeader
        {
            Version = ProxyVersion.V2,
            Source = new IPEndPoint(IPAddress.Parse("192.0.2.9"), 1),
            Destination = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 25),
            Tls = new ProxyTls { Version = "TLSv1.3", Cipher = "TLS_AES_128_GCM_SHA256" },
            HasChecksum = true,
        };
        var octets = new System.Buffers.ArrayBufferWriter<byte>();
        header.WriteTo(octets);
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, Required);
        using TestClient client = await edge.ConnectAsync("127.0.0.2");
        await client.SendAsync(System.Text.Encoding.Latin1.GetString(octets.WrittenSpan));
        await client.HelloAsync();
        await client.DeliverAsync("b@ours.test", "x");
        ClientFacts facts = Assert.Single(queue.Messages).Envelope.Client;
        Assert.Equal("TLSv1.3 TLS_AES_128_GCM_SHA256 at the proxy", facts.Tls);
        Assert.Equal("ESMTPS", facts.Protocol);
    }

    [Fact]
    public async Task Xclient_is_for_its_own_list_by_the_address_that_the_proxy_names()
    {
        using var queue = new CollectingQueue();
        await using var edge = new RunningEdge(queue, Required with { XclientFrom = [IPNetwork.Parse("127.0.0.2/32"), IPNetwork.Parse("127.0.0.4/32")] });
        using TestClient proxied = await edge.ConnectAsync("127.0.0.2"), listed = await edge.ConnectAsync("127.0.0.4"), other = await edge.ConnectAsync("127.0.0.5");
        await proxied.SendAsync("PROXY TCP4 203.0.113.9 198.51.100.1 40000 25\r\n");
        await proxied.HelloAsync();
        await listed.HelloAsync();
        await other.HelloAsync();
        Assert.StartsWith("550 5.7.0", await proxied.AskAsync("XCLIENT ADDR=192.0.2.1"), StringComparison.Ordinal);
        Assert.StartsWith("550 5.7.0", await other.AskAsync("XCLIENT ADDR=192.0.2.1"), StringComparison.Ordinal);
        Assert.StartsWith("220 ", await listed.AskAsync("XCLIENT ADDR=203.0.113.77 NAME=told.example"), StringComparison.Ordinal);
        Assert.StartsWith("250", await listed.AskAsync("EHLO x"), StringComparison.Ordinal);
        Assert.StartsWith("250", await listed.AskAsync("MAIL FROM:<a@client.test>"), StringComparison.Ordinal);
        Assert.StartsWith("550 5.7.1", await listed.AskAsync("RCPT TO:<c@foreign.test>"), StringComparison.Ordinal);
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
