using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.TestKit.Tls;

namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>STARTTLS and implicit TLS as clients see them, over real sockets.</summary>
public sealed class TlsSessionTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TestCertificates _authority = new();
    private readonly TaskCompletionSource<SmtpServerSession> _ended = new();
    private readonly RecordingHandler _handler = new();
    private ITransport? _transport;

    private SmtpServerOptions Options => field ??= new SmtpServerOptions
    {
        HostName = "mx.example",
        Tls = new TlsServerSettings { Certificates = new TlsCertificates(_authority.Issue("mx.example")) },
    };

    public Task InitializeAsync()
    {
        _transport = Transports.Create(new TransportOptions { Reactors = 1 }, TimeProvider.System);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _transport!.DisposeAsync();

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task Starttls_is_offered_in_clear_only_and_the_session_goes_on_under_tls()
    {
        await using Peer peer = await ConnectAsync(Options);
        Assert.StartsWith("220 ", await peer.ReadAsync(), StringComparison.Ordinal);
        Assert.Contains("250-STARTTLS\r\n", await peer.SayAsync("EHLO client.example"), StringComparison.Ordinal);
        Assert.StartsWith("220 2.0.0 ", await peer.SayAsync("STARTTLS"), StringComparison.Ordinal);
        await peer.SecureAsync(SslProtocols.None);
        string offer = await peer.SayAsync("EHLO client.example");
        Assert.Contains("250-PIPELINING\r\n", offer, StringComparison.Ordinal);
        Assert.DoesNotContain("STARTTLS", offer, StringComparison.Ordinal);
        Assert.StartsWith("503 5.5.1", await peer.SayAsync("STARTTLS"), StringComparison.Ordinal);
        Assert.StartsWith("250", await peer.SayAsync("MAIL FROM:<a@b.example>"), StringComparison.Ordinal);
        Assert.StartsWith("250", await peer.SayAsync("RCPT TO:<c@d.example>"), StringComparison.Ordinal);
        Assert.StartsWith("354", await peer.SayAsync("DATA"), StringComparison.Ordinal);
        Assert.StartsWith("250", await peer.SayAsync("Subject: x\r\n\r\nsecret\r\n."), StringComparison.Ordinal);
        Assert.StartsWith("221", await peer.SayAsync("QUIT"), StringComparison.Ordinal);
        await _ended.Task.WaitAsync(Patience);
        Assert.Equal([SessionEndReason.Quit], _handler.Ends);
        ClientFacts client = Assert.Single(_handler.Clients);
        Assert.Equal("ESMTPS", client.Protocol);
        Assert.StartsWith("TLSv1.3 ", client.Tls, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_said_in_clear_is_forgotten()
    {
        await using Peer peer = await ConnectAsync(Options);
        await peer.ReadAsync();
        await peer.SayAsync("EHLO client.example");
        await peer.SayAsync("STARTTLS");
        await peer.SecureAsync(SslProtocols.Tls12);
        Assert.StartsWith("503 5.5.1", await peer.SayAsync("MAIL FROM:<a@b.example>"), StringComparison.Ordinal);
        Assert.StartsWith("503 5.5.1", await peer.SayAsync("RCPT TO:<c@d.example>"), StringComparison.Ordinal);
        Assert.StartsWith("221", await peer.SayAsync("QUIT"), StringComparison.Ordinal);
        Assert.Equal("", (await _ended.Task.WaitAsync(Patience)).HelloName);
    }

    [Theory]
    [InlineData("STARTTLS\r\nEHLO injected.example\r\n")]
    [InlineData("STARTTLS\r\nX")]
    [InlineData("STARTTLS\r\n\x16\x03\x01")]
    public async Task Octets_behind_starttls_are_refused_and_the_session_closed(string octets)
    {
        await using Peer peer = await ConnectAsync(Options);
        await peer.ReadAsync();
        await peer.SayAsync("EHLO client.example");
        await peer.SendAsync(octets);
        Assert.Equal("554 5.5.0 Something was sent behind STARTTLS, closing\r\n", await peer.ReadAllAsync());
        await _ended.Task.WaitAsync(Patience);
        Assert.Equal([SessionEndReason.InputBehindStartTls], _handler.Ends);
    }

    [Fact]
    public async Task Commands_in_clear_where_the_handshake_is_due_end_the_session()
    {
        await using Peer peer = await ConnectAsync(Options);
        await peer.ReadAsync();
        await peer.SayAsync("EHLO client.example");
        await peer.SayAsync("STARTTLS");
        await peer.SendAsync("MAIL FROM:<a@b.example>\r\n");
        Assert.DoesNotContain("250", await peer.ReadAllAsync(), StringComparison.Ordinal);
        Assert.NotNull((await _ended.Task.WaitAsync(Patience)).TlsProblem);
        Assert.Equal([SessionEndReason.TlsFailed], _handler.Ends);
    }

    [Fact]
    public async Task Handshake_that_breaks_off_ends_the_session()
    {
        await using Peer peer = await ConnectAsync(Options);
        await peer.ReadAsync();
        await peer.SayAsync("EHLO client.example");
        await peer.SayAsync("STARTTLS");
        await peer.SendAsync("\x16\x03\x01\x00\xC8\x01");
        peer.Close();
        await _ended.Task.WaitAsync(Patience);
        Assert.Equal([SessionEndReason.TlsFailed], _handler.Ends);
    }

    [Theory]
    [InlineData("STARTTLS now", "501 5.5.4")]
    [InlineData("starttls ", "220 2.0.0")]
    public async Task Starttls_takes_no_argument(string line, string code)
    {
        await using Peer peer = await ConnectAsync(Options);
        await peer.ReadAsync();
        await peer.SayAsync("EHLO client.example");
        Assert.StartsWith(code, await peer.SayAsync(line), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Starttls_before_hello_or_within_a_transaction_is_refused()
    {
        await using Peer peer = await ConnectAsync(Options);
        await peer.ReadAsync();
        Assert.StartsWith("503 5.5.1", await peer.SayAsync("STARTTLS"), StringComparison.Ordinal);
        await peer.SayAsync("EHLO client.example");
        await peer.SayAsync("MAIL FROM:<a@b.example>");
        Assert.StartsWith("503 5.5.1", await peer.SayAsync("STARTTLS"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_in_clear_is_refused_where_tls_is_required()
    {
        await using Peer peer = await ConnectAsync(Options with { RequireTls = true });
        await peer.ReadAsync();
        await peer.SayAsync("EHLO client.example");
        Assert.StartsWith("530 5.7.0", await peer.SayAsync("MAIL FROM:<a@b.example>"), StringComparison.Ordinal);
        await peer.SayAsync("STARTTLS");
        await peer.SecureAsync(SslProtocols.None);
        await peer.SayAsync("EHLO client.example");
        Assert.StartsWith("250", await peer.SayAsync("MAIL FROM:<a@b.example>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Implicit_tls_greets_after_the_handshake()
    {
        await using Peer peer = await ConnectAsync(Options, implicitTls: true);
        await peer.SecureAsync(SslProtocols.None);
        Assert.StartsWith("220 mx.example", await peer.ReadAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("STARTTLS", await peer.SayAsync("EHLO client.example"), StringComparison.Ordinal);
        Assert.StartsWith("221", await peer.SayAsync("QUIT"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_that_the_handler_drops_after_the_handshake_hears_nothing()
    {
        var handler = new RecordingHandler { DropAtTls = true };
        await using Peer peer = await ConnectAsync(Options, handler: handler);
        await peer.ReadAsync();
        await peer.SayAsync("EHLO client.example");
        await peer.SayAsync("STARTTLS");
        await peer.SecureAsync(SslProtocols.None);
        await _ended.Task.WaitAsync(Patience);
        Assert.Equal([SessionEndReason.Dropped], handler.Ends);
    }

    [Fact]
    public async Task Old_versions_are_refused()
    {
        await using Peer peer = await ConnectAsync(Options, implicitTls: true);
        // A ClientHello of TLS 1.1 with one cipher suite; no library here would write it any more.
        await peer.SendAsync("\x16\x03\x01\x00\x2D\x01\x00\x00\x29\x03\x02" + new string('r', 32) + "\x00\x00\x02\x00\x2F\x01\x00");
        byte[] answer = Encoding.Latin1.GetBytes(await peer.ReadAllAsync());
        // An alert (21), fatal (2): protocol_version (70).
        Assert.Equal((21, 2, 70), (answer[0], answer[5], answer[6]));
        Assert.NotNull((await _ended.Task.WaitAsync(Patience)).TlsProblem);
        Assert.Equal([SessionEndReason.TlsFailed], _handler.Ends);
    }

    [Fact]
    public async Task Server_stops_while_a_session_under_tls_waits()
    {
        using var stopping = new CancellationTokenSource();
        await using Peer peer = await ConnectAsync(Options, implicitTls: true, stopping: stopping.Token);
        await peer.SecureAsync(SslProtocols.None);
        await peer.ReadAsync();
        await peer.SayAsync("EHLO client.example");
        await stopping.CancelAsync();
        Assert.StartsWith("421 4.3.2", await peer.ReadAsync(), StringComparison.Ordinal);
        await _ended.Task.WaitAsync(Patience);
        Assert.Equal([SessionEndReason.Shutdown], _handler.Ends);
    }

    private async Task<Peer> ConnectAsync(SmtpServerOptions options, bool implicitTls = false, RecordingHandler? handler = null, CancellationToken stopping = default)
    {
        IListener listener = _transport!.Listen(new IPEndPoint(IPAddress.Loopback, 0), async connection =>
        {
            var session = new SmtpServerSession(connection, handler ?? _handler, options) { ImplicitTls = implicitTls };
            await session.RunAsync(stopping);
            _ended.SetResult(session);
        });
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync((IPEndPoint)listener.LocalEndPoint);
        return new Peer(client);
    }

    private sealed class Peer(TcpClient client) : IAsyncDisposable
    {
        private readonly byte[] _buffer = new byte[16 * 1024];
        private Stream _stream = client.GetStream();

        public async Task SecureAsync(SslProtocols versions)
        {
            var secure = new SslStream(_stream, false, TestCertificates.IsIssued);
            await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "mx.example", EnabledSslProtocols = versions }).WaitAsync(Patience);
            _stream = secure;
        }

        public Task SendAsync(string text) => _stream.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask();

        public async Task<string> SayAsync(string line)
        {
            await SendAsync(line + "\r\n");
            return await ReadAsync();
        }

        // One whole reply: its last line has a space behind the code.
        public async Task<string> ReadAsync()
        {
            string text = "";
            while (!(text.EndsWith("\r\n", StringComparison.Ordinal) && text.Split("\r\n")[^2][3] == ' '))
            {
                int count = await _stream.ReadAsync(_buffer).AsTask().WaitAsync(Patience);
                Assert.True(count > 0, $"the server closed after '{text}'");
                text += Encoding.Latin1.GetString(_buffer, 0, count);
            }

            return text;
        }

        public async Task<string> ReadAllAsync()
        {
            string text = "";
            int count;
            while ((count = await _stream.ReadAsync(_buffer).AsTask().WaitAsync(Patience)) > 0)
                text += Encoding.Latin1.GetString(_buffer, 0, count);
            return text;
        }

        public void Close() => client.Close();

        public async ValueTask DisposeAsync()
        {
            await _stream.DisposeAsync();
            client.Dispose();
        }
    }
}
