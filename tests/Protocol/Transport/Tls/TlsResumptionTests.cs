using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;
using SlimtaFast.TestKit.Tls;
using static SlimtaFast.Protocol.Tests.Transport.TransportFixture;

namespace SlimtaFast.Protocol.Tests.Transport.Tls;

/// <summary>
/// A session that one listener granted, shown to another of the same process: it must not carry over what the other has not judged
/// itself. OpenSSL's client keeps the sessions.
/// </summary>
public sealed class TlsResumptionTests : IAsyncLifetime, IDisposable
{
    private static readonly string[] Versions = ["-tls1_2", "-tls1_3"];

    private readonly TestCertificates _authority = new();
    private readonly TestCertificates _stranger = new();
    private readonly TemporaryFolder _folder = new();
    private readonly ITransport _transport = Transports.Create(new TransportOptions { Reactors = 1 }, TimeProvider.System);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _transport.DisposeAsync();

    public void Dispose()
    {
        _authority.Dispose();
        _stranger.Dispose();
        _folder.Dispose();
    }

    [FullFact("openssl")]
    public async Task Session_is_resumed_where_it_was_granted_and_not_at_a_listener_with_another_certificate()
    {
        foreach (string version in Versions)
        {
            var first = new Listener(_transport, new TlsServerSettings { Certificates = new TlsCertificates(_authority.Issue("mx.example")) });
            var other = new Listener(_transport, new TlsServerSettings { Certificates = new TlsCertificates(_authority.Issue("mx.example")) });
            await ConnectAsync(first, version, "-sess_out", _folder["session" + version]);
            Assert.Contains("Reused, ", await ConnectAsync(first, version, "-sess_in", _folder["session" + version]), StringComparison.Ordinal);
            string output = await ConnectAsync(other, version, "-sess_in", _folder["session" + version]);
            Assert.Contains("New, ", output, StringComparison.Ordinal);
            Assert.DoesNotContain("Reused, ", output, StringComparison.Ordinal);
            Assert.Contains("220 served", output, StringComparison.Ordinal);
        }
    }

    [FullFact("openssl")]
    public async Task Session_without_a_client_certificate_does_not_get_by_a_listener_that_requires_one()
    {
        foreach (string version in Versions)
        {
            var certificates = new TlsCertificates(_authority.Issue("mx.example"));
            var open = new Listener(_transport, new TlsServerSettings { Certificates = certificates });
            var asking = new Listener(_transport, Demand(certificates, ClientCertificateMode.Ask, _authority));
            var closed = new Listener(_transport, Demand(certificates, ClientCertificateMode.Require, _authority));
            await ConnectAsync(open, version, "-sess_out", _folder["session" + version]);
            Assert.True(File.Exists(_folder["session" + version]));

            Assert.DoesNotContain("220 served", await ConnectAsync(closed, version, "-sess_in", _folder["session" + version]), StringComparison.Ordinal);
            Assert.Contains("220 served", await ConnectAsync(asking, version, "-sess_in", _folder["session" + version]), StringComparison.Ordinal);
            Assert.False((await asking.NextAsync()).IsPeerVerified);
            // It is the certificate that was missing.
            Assert.Contains("220 served", await ConnectAsync(closed, version, [.. WriteClient(_authority)]), StringComparison.Ordinal);
            Assert.True((await closed.NextAsync()).IsPeerVerified);
        }
    }

    [FullFact("openssl")]
    public async Task Client_certificate_that_one_listener_trusts_is_not_trusted_by_another_through_a_session()
    {
        foreach (string version in Versions)
        {
            var certificates = new TlsCertificates(_authority.Issue("mx.example"));
            var trusting = new Listener(_transport, Demand(certificates, ClientCertificateMode.Require, _stranger));
            var asking = new Listener(_transport, Demand(certificates, ClientCertificateMode.Ask, _authority));
            var closed = new Listener(_transport, Demand(certificates, ClientCertificateMode.Require, _authority));
            string[] client = WriteClient(_stranger);
            Assert.Contains("220 served", await ConnectAsync(trusting, version, ["-sess_out", _folder["session" + version], .. client]), StringComparison.Ordinal);
            Assert.True((await trusting.NextAsync()).IsPeerVerified);
            Assert.True(File.Exists(_folder["session" + version]));

            Assert.DoesNotContain("220 served", await ConnectAsync(closed, version, ["-sess_in", _folder["session" + version], .. client]), StringComparison.Ordinal);
            Assert.Contains("220 served", await ConnectAsync(asking, version, ["-sess_in", _folder["session" + version], .. client]), StringComparison.Ordinal);
            Assert.False((await asking.NextAsync()).IsPeerVerified);
        }
    }

    private static TlsServerSettings Demand(TlsCertificates certificates, ClientCertificateMode mode, TestCertificates authority) =>
        new() { Certificates = certificates, ClientCertificates = mode, ClientAuthorities = authority.Authorities };

    private static async Task<string> ConnectAsync(Listener listener, string version, params string[] options)
    {
        (_, string output) = await RunningProgram.RunAsync(
            "openssl", ["s_client", "-connect", $"{listener.EndPoint}", "-servername", "mx.example", version, .. options, "-ign_eof"], "QUIT\n");
        return output;
    }

    private string[] WriteClient(TestCertificates authority)
    {
        using X509Certificate2 client = authority.Issue("client.example");
        TestCertificates.WritePem(client, _folder["client.pem"]);
        return ["-cert", _folder["client.pem"], "-key", _folder["client.pem"]];
    }

    /// <summary>Greets whom it lets in, and closes after a word of theirs, which comes behind the session that they were granted.</summary>
    private sealed class Listener
    {
        private readonly System.Threading.Channels.Channel<TlsFacts> _served = System.Threading.Channels.Channel.CreateUnbounded<TlsFacts>();
        private readonly IListener _listener;

        public Listener(ITransport transport, TlsServerSettings settings) => _listener = transport.Listen(new IPEndPoint(IPAddress.Loopback, 0), async connection =>
        {
            TlsFacts facts;
            try
            {
                connection.SetDeadline(Patience);
                facts = await connection.AuthenticateAsServerAsync(settings, default);
            }
            catch (TlsHandshakeException)
            {
                return;
            }

            await _served.Writer.WriteAsync(facts);
            connection.Output.Write("220 served\r\n"u8);
            await connection.Output.FlushAsync();
            ReadResult result = await connection.Input.ReadAsync();
            connection.Input.AdvanceTo(result.Buffer.End);
        });

        public EndPoint EndPoint => _listener.LocalEndPoint;

        /// <summary>The next one that was let in.</summary>
        public async Task<TlsFacts> NextAsync() => await _served.Reader.ReadAsync().AsTask().WaitAsync(Patience);
    }
}
