using System.Collections.Concurrent;
using System.Formats.Asn1;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Protocol.Tests.Transport.Tls;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.TestKit.Tls;

namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>Clients that make of a handshake what they like: each ends for itself, and the server goes on with the others.</summary>
public sealed class HostileHandshakeTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly TestCertificates _authority = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ConcurrentQueue<SmtpServerSession> _ended = new();
    private ITransport? _transport;
    private IListener? _listener;

    public Task InitializeAsync()
    {
        _transport = Transports.Create(new TransportOptions { Reactors = 1 }, _time);
        var options = new SmtpServerOptions
        {
            HostName = "mx.example",
            HandshakeTimeout = Deadline,
            Tls = new TlsServerSettings
            {
                Certificates = new TlsCertificates(_authority.Issue("mx.example")),
                ClientCertificates = ClientCertificateMode.Ask,
                ClientAuthorities = _authority.Authorities,
            },
        };
        _listener = _transport.Listen(new IPEndPoint(IPAddress.Loopback, 0), async connection =>
        {
            var session = new SmtpServerSession(connection, new RecordingHandler(), options) { ImplicitTls = true };
            await session.RunAsync(CancellationToken.None);
            _ended.Enqueue(session);
        });
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _transport!.DisposeAsync();

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("\x16")]
    [InlineData("\x16\x03\x01\x00\xC8\x01")]
    public async Task Stalled_handshake_ends_at_its_deadline_and_holds_nobody_up(string hello)
    {
        using TcpClient stalled = await ConnectAsync();
        await stalled.GetStream().WriteAsync(Encoding.Latin1.GetBytes(hello));
        Task<int> end = stalled.GetStream().ReadAsync(new byte[1]).AsTask();

        // Each round through the one reactor sees the others served, and the deadline's clock move.
        int seconds = 0;
        for (; !end.IsCompleted && seconds < 2 * Deadline.TotalSeconds; seconds++)
        {
            Assert.Equal("220 ", await GreetAsync(static stream => stream));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(end.IsCompleted);
        Assert.Equal(0, await end);
        Assert.InRange(seconds, Deadline.TotalSeconds - 1, Deadline.TotalSeconds + 5);
        Assert.Equal("220 ", await GreetAsync(static stream => stream));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Handshake_in_writes_of_one_octet_is_served(SslProtocols version) =>
        Assert.Equal("220 ", await GreetAsync(static stream => new DribblingStream(stream), version));

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Handshake_in_records_of_one_octet_is_served(SslProtocols version)
    {
        TinyRecordStream? tiny = null;
        Assert.Equal("220 ", await GreetAsync(stream => tiny = new TinyRecordStream(stream), version));
        Assert.True(tiny!.Records > 100, $"only {tiny.Records} records");
        Assert.Equal("220 ", await GreetAsync(static stream => stream));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, 50_000, true)]
    [InlineData(SslProtocols.Tls12, 1_000_000, false)]
    [InlineData(SslProtocols.Tls13, 50_000, true)]
    [InlineData(SslProtocols.Tls13, 1_000_000, false)]
    public async Task Client_certificates_are_bounded_together(SslProtocols version, int octets, bool isServed)
    {
        using X509Certificate2 huge = _authority.IssueOdd(new X500DistinguishedName("CN=huge"), octets);
        Assert.Equal(isServed ? "220 " : "", await GreetAsync(static stream => stream, version, huge));
        Assert.Equal("220 ", await GreetAsync(static stream => stream));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, 0, true)]
    [InlineData(SslProtocols.Tls12, 2_000, false)]
    [InlineData(SslProtocols.Tls13, 0, true)]
    [InlineData(SslProtocols.Tls13, 2_000, false)]
    public async Task Chain_of_ninety_client_certificates_is_bounded_as_a_whole(SslProtocols version, int octetsOfEach, bool isServed)
    {
        X509Certificate2Collection chain = _authority.IssueChain(90, octetsOfEach);
        Assert.Equal(isServed ? "220 " : "", await GreetAsync(static stream => stream, version, chain[^1], chain));
        Assert.Equal("220 ", await GreetAsync(static stream => stream));
        foreach (X509Certificate2 certificate in chain)
            certificate.Dispose();
    }

    [Fact]
    public async Task Name_in_a_client_certificate_has_nothing_in_it_that_forges_a_line()
    {
        using X509Certificate2 forged = _authority.IssueOdd(Subject("evil\0.example\r\nReceived: from nowhere\u001b[2J"));
        using X509Certificate2 taken = X509CertificateLoader.LoadCertificate(forged.RawData);
        Assert.Contains('\n', taken.GetNameInfo(X509NameType.SimpleName, forIssuer: false));
        Assert.Equal("220 ", await GreetAsync(static stream => stream, SslProtocols.None, forged));
        SmtpServerSession session = await EndedAsync();
        Assert.Equal("evil?.example??Received: from nowhere?[2J", session.Connection.TlsFacts!.PeerName);
        Assert.DoesNotContain("evil", session.Client.ToString(), StringComparison.Ordinal);
    }

    private static X500DistinguishedName Subject(string commonName)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSetOf())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("2.5.4.3");
            writer.WriteCharacterString(UniversalTagNumber.UTF8String, commonName);
        }

        return new X500DistinguishedName(writer.Encode());
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync((IPEndPoint)_listener!.LocalEndPoint);
        return client;
    }

    private async Task<SmtpServerSession> EndedAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        SmtpServerSession? session;
        while (!_ended.TryDequeue(out session))
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        return session;
    }

    // How the server's greeting begins; empty where there is none, because it ended the connection.
    private async Task<string> GreetAsync(Func<Stream, Stream> wrap, SslProtocols version = SslProtocols.None, X509Certificate2? certificate = null, X509Certificate2Collection? above = null)
    {
        using TcpClient client = await ConnectAsync();
        await using var tls = new SslStream(wrap(client.GetStream()), false, TestCertificates.IsIssued);
        var options = new SslClientAuthenticationOptions { TargetHost = "mx.example", EnabledSslProtocols = version, AllowTlsResume = false };
        if (certificate is not null)
            options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, above, offline: true);
        byte[] greeting = new byte[4];
        try
        {
            await tls.AuthenticateAsClientAsync(options).WaitAsync(Patience);
            await tls.ReadExactlyAsync(greeting).AsTask().WaitAsync(Patience);
            return Encoding.ASCII.GetString(greeting);
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            return "";
        }
    }
}
