using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using SlimtaFast.Edge.Tests;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.TestKit.Diagnostics;
using SlimtaFast.TestKit.Tls;

namespace SlimtaFast.Edge.Http.Tests;

/// <summary>Connections by way of a proxy that speaks the PROXY protocol: whose they are, and who may say so.</summary>
public sealed class ProxyTests
{
    private const string Header = "PROXY TCP4 192.0.2.9 198.51.100.1 40000 25\r\n";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly SmtpEdgeOptions Required = new()
    {
        ProxyProtocol = ProxyProtocolUse.Required,
        ProxyFrom = [IPNetwork.Parse("127.0.0.2/32")],
        ProxyTimeout = TimeSpan.FromSeconds(20),
        AcceptDomains = ["mine.test"],
        Trust = [IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("127.0.0.0/8")],
    };

    [Theory]
    [InlineData(Header, "192.0.2.9", true)]
    [InlineData("PROXY TCP4 203.0.113.9 198.51.100.1 40000 25\r\n", "203.0.113.9", false)]
    [InlineData("PROXY TCP6 ::ffff:192.0.2.9 ::1 40000 25\r\n", "192.0.2.9", true)]
    [InlineData("PROXY TCP6 2001:db8::9 ::1 40000 25\r\n", "2001:db8::9", false)]
    [InlineData("PROXY UNKNOWN\r\n", "127.0.0.2", true)]
    [InlineData("\r\n\r\n\0\r\nQUIT\n \0\0\0", "127.0.0.2", true)]
    [InlineData("\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c\xc0\0\x02\x09\x7f\0\0\x01\x9c\x40\0\x19", "192.0.2.9", true)]
    public async Task Client_is_the_one_that_the_proxy_names_in_every_request(string header, string address, bool mayRelay)
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, Required);
        using TcpClient proxy = await ConnectAsync(edge, "127.0.0.2");
        string answers = await AskAsync(proxy.GetStream(), header + Request("b@mine.test") + Request("x@far.test", close: true));
        Assert.Equal(["HTTP/1.1 204 No Content", mayRelay ? "HTTP/1.1 204 No Content" : "HTTP/1.1 403 Forbidden"], Statuses(answers));
        Assert.Equal(mayRelay ? 2 : 1, queue.Messages.Count);
        Assert.All(queue.Messages, m => Assert.Equal(IPAddress.Parse(address), m.Envelope.Client.Address));
    }

    [Fact]
    public async Task Header_in_single_octets_is_read_and_what_follows_is_whole()
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, Required);
        using TcpClient proxy = await ConnectAsync(edge, "127.0.0.2");
        proxy.NoDelay = true;
        foreach (byte octet in Encoding.Latin1.GetBytes(Header))
            await proxy.GetStream().WriteAsync(new[] { octet });
        Assert.Equal(["HTTP/1.1 204 No Content"], Statuses(await AskAsync(proxy.GetStream(), Request("b@mine.test", close: true))));
        Assert.Equal("192.0.2.9", Assert.Single(queue.Messages).Envelope.Client.Address!.ToString());
    }

    [Fact]
    public async Task Tls_begins_behind_the_header_and_the_client_is_still_the_one_named()
    {
        using var certificates = new TestCertificates();
        using var own = new TlsCertificates(certificates.Issue("127.0.0.1"));
        using var queue = new CollectingQueue();
        SmtpEdgeOptions options = Required with { Session = new SmtpServerOptions { Tls = new TlsServerSettings { Certificates = own } } };
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, options, isSecure: true);
        using TcpClient proxy = await ConnectAsync(edge, "127.0.0.2");
        await proxy.GetStream().WriteAsync(Encoding.ASCII.GetBytes(Header));
        await using var tls = new SslStream(proxy.GetStream(), false, TestCertificates.IsIssued);
        await tls.AuthenticateAsClientAsync("127.0.0.1");
        Assert.Equal(["HTTP/1.1 204 No Content"], Statuses(await AskAsync(tls, Request("x@far.test", close: true))));
        ClientFacts facts = Assert.Single(queue.Messages).Envelope.Client;
        Assert.Equal(("HTTPS", "192.0.2.9"), (facts.Protocol, facts.Address!.ToString()));
    }

    [Fact]
    public async Task Tls_that_ended_at_the_proxy_is_told_and_is_none_of_ours()
    {
        // PP2_TYPE_SSL: client over TLS, verify not done, and the version in it.
        const string Ssl = "\x20\0\x0f\x01\0\0\0\x01\x21\0\x07TLSv1.3";
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, Required);
        using TcpClient proxy = await ConnectAsync(edge, "127.0.0.2");
        string header = "\r\n\r\n\0\r\nQUIT\n!\x11\0\x1e\xc0\0\x02\x09\x7f\0\0\x01\x9c\x40\0\x19" + Ssl;
        Assert.Equal(["HTTP/1.1 204 No Content"], Statuses(await AskAsync(proxy.GetStream(), header + Request("b@mine.test", close: true))));
        ClientFacts facts = Assert.Single(queue.Messages).Envelope.Client;
        Assert.Equal("HTTP", facts.Protocol);
        Assert.Contains("TLSv1.3", facts.Tls, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST /mail HTTP/1.1\r\nHost: x\r\n\r\n", "proxy_header_missing")]
    [InlineData("PROXY TCP4 x\r\n", "proxy_header_malformed")]
    [InlineData("PROXY TCP4", "proxy_header_incomplete")]
    [InlineData("", "proxy_header_missing")]
    public async Task Proxy_without_a_good_header_is_closed_and_counted(string sent, string reason)
    {
        // Only what is not whole has to wait for it; half a line must be there before.
        TimeSpan limit = sent switch { "" => TimeSpan.FromMilliseconds(50), "PROXY TCP4" => TimeSpan.FromSeconds(5), _ => TimeSpan.FromMinutes(1) };
        using var counts = new Counts();
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, Required with { ProxyTimeout = limit }, meters: counts);
        using TcpClient proxy = await ConnectAsync(edge, "127.0.0.2");
        Assert.Equal("", await AskAsync(proxy.GetStream(), sent));
        await counts.WaitForAsync($"slimtafast.edge.connections.refused reason={reason}");
        Assert.Equal(0, edge.Smtp.Connections);
    }

    [Fact]
    public async Task Being_a_proxy_grants_no_relaying_and_nobody_else_may_send_the_header()
    {
        using var queue = new CollectingQueue();
        SmtpEdgeOptions options = Required with { Trust = [IPNetwork.Parse("127.0.0.3/32")], ProxyProtocol = ProxyProtocolUse.Optional };
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, options);
        foreach ((string from, string header, string status) in new[]
        {
            ("127.0.0.2", "", "HTTP/1.1 403 Forbidden"),
            ("127.0.0.2", "PROXY TCP4 127.0.0.3 127.0.0.1 40000 25\r\n", "HTTP/1.1 204 No Content"),
            ("127.0.0.3", "", "HTTP/1.1 204 No Content"),
            ("127.0.0.5", "PROXY TCP4 127.0.0.3 127.0.0.1 40000 25\r\n", "HTTP/1.1 400 Bad Request"),
            ("127.0.0.5", "\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c\x7f\0\0\x03\x7f\0\0\x01\x9c\x40\0\x19", "HTTP/1.1 400 Bad Request"),
        })
        {
            using TcpClient client = await ConnectAsync(edge, from);
            Assert.Equal([status], Statuses(await AskAsync(client.GetStream(), header + Request("x@far.test", close: true))));
        }

        Assert.Equal(2, queue.Messages.Count);
    }

    [Fact]
    public async Task Proxy_that_is_silent_for_the_time_of_a_header_is_served_as_the_client()
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(
            queue, Required with { ProxyProtocol = ProxyProtocolUse.Optional, ProxyTimeout = TimeSpan.FromMilliseconds(1) });
        using TcpClient proxy = await ConnectAsync(edge, "127.0.0.2");
        Assert.Equal(["HTTP/1.1 204 No Content"], Statuses(await AskAsync(proxy.GetStream(), Request("b@mine.test", close: true))));
        Assert.Equal("127.0.0.2", Assert.Single(queue.Messages).Envelope.Client.Address!.ToString());
    }

    [Fact]
    public async Task Limit_for_each_address_counts_clients_and_not_the_proxy()
    {
        using var queue = new CollectingQueue();
        await using RunningHttpEdge edge = await RunningHttpEdge.StartAsync(queue, Required with { MaxConnectionsPerAddress = 1 });
        using TcpClient first = await ConnectAsync(edge, "127.0.0.2"), second = await ConnectAsync(edge, "127.0.0.2"), third = await ConnectAsync(edge, "127.0.0.2");
        await BeginAsync(first, Header);
        await BeginAsync(second, "PROXY TCP4 192.0.2.10 198.51.100.1 40000 25\r\n");
        string refusal = await AskAsync(third.GetStream(), "PROXY TCP4 192.0.2.9 198.51.100.1 40001 25\r\n");
        Assert.StartsWith("HTTP/1.1 503 ", refusal, StringComparison.Ordinal);
        Assert.Contains("X-Smtp-Reply: 421;", refusal, StringComparison.Ordinal);
        Assert.Equal(2, edge.Smtp.Connections);

        // A request is under way; the edge has asked for its body.
        static async Task BeginAsync(TcpClient client, string header)
        {
            string head = Request("b@mine.test").Split("\r\n\r\n")[0];
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(header + head + "\r\nExpect: 100-continue\r\n\r\n"));
            byte[] answer = new byte["HTTP/1.1 100 ".Length];
            await client.GetStream().ReadExactlyAsync(answer).AsTask().WaitAsync(Patience);
            Assert.Equal("HTTP/1.1 100 ", Encoding.ASCII.GetString(answer));
        }
    }

    private static string Request(string recipient, bool close = false) =>
        $"POST /mail HTTP/1.1\r\nHost: x\r\nX-Envelope-Sender: {RunningHttpEdge.Encode("a@client.test")}\r\nX-Envelope-Recipient: {RunningHttpEdge.Encode(recipient)}\r\n"
        + (close ? "Connection: close\r\n" : "") + "Content-Length: 18\r\n\r\nSubject: x\r\n\r\nxx\r\n";

    private static IEnumerable<string> Statuses(string answers) => answers.Split("\r\n").Where(l => l.StartsWith("HTTP/", StringComparison.Ordinal));

    private static async Task<TcpClient> ConnectAsync(RunningHttpEdge edge, string from)
    {
        var client = new TcpClient(new IPEndPoint(IPAddress.Parse(from), 0));
        await client.ConnectAsync(edge.EndPoint);
        return client;
    }

    // What comes until the server closes; one that closes early may have left something unread, which cuts the connection.
    private static async Task<string> AskAsync(Stream stream, string text)
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text));
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer).WaitAsync(Patience);
        }
        catch (IOException)
        {
            // All that came before is there.
        }

        return Encoding.Latin1.GetString(answer.ToArray());
    }
}
