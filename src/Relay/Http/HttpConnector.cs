using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using SlimtaFast.Dns;
using SlimtaFast.Mail;
using SlimtaFast.Relay.Smtp;

namespace SlimtaFast.Relay.Http;

/// <summary>
/// Opens the connections of an HTTP client: looks the host up, tries its addresses in turn, and shakes hands for TLS with settings that are
/// made anew each time, so that changed certificates count. Thread-safe.
/// </summary>
internal sealed class HttpConnector
{
    private const int MostAddresses = 5;

    private static readonly EnhancedStatus NoAnswerFromHost = new(4, 4, 1);
    private static readonly EnhancedStatus RoutingUnknown = new(4, 4, 3);
    private static readonly EnhancedStatus TlsFailed = new(4, 7, 5);

    private readonly Target _target;
    private readonly bool _isSecure;
    private readonly HttpRelayOptions _options;
    private readonly HostAddresses _addresses;
    private readonly SourcePool _sources;

    /// <summary>Makes a connector to the URL's host.</summary>
    public HttpConnector(Uri url, HttpRelayOptions options, IDnsResolver? resolver)
    {
        _target = new Target(url.IdnHost, url.Port);
        _isSecure = url.Scheme == Uri.UriSchemeHttps;
        _options = options;
        _addresses = new HostAddresses(resolver, options.Addresses);
        _sources = new SourcePool(options.SourceAddresses);
    }

    /// <summary>TLS version and cipher of the connection opened last, for reports; null where there is none or it is in clear.</summary>
    public string? Tls { get; private set; }

    /// <summary>Opens a connection, or fails with <see cref="HopUnreachableException"/>.</summary>
    public async ValueTask<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        (DnsStatus status, List<EndPoint> addresses) = await _addresses.FindAsync(_target, cancellationToken);
        if (addresses.Count == 0)
        {
            // One host takes all mail: that its name is gone is the operator's matter, and no message's.
            string what = status == DnsStatus.Failed ? "could not be looked up" : "has no address";
            throw new HopUnreachableException(new SmtpReply(451, RoutingUnknown, $"The host {_target.Host} {what}"), HopCondition.Down, null);
        }

        Exception? last = null;
        for (int i = 0; i < addresses.Count && i < MostAddresses; i++)
        {
            try
            {
                Stream stream = await OpenAsync(addresses[i], cancellationToken);
                return _isSecure ? await SecureAsync(stream, cancellationToken) : stream;
            }
            catch (SocketException failure)
            {
                last = failure;
            }
        }

        SmtpReply reply = SmtpReply.FromForeignText(451, NoAnswerFromHost, $"Connecting to {_target} failed: {last?.Message}");
        throw new HopUnreachableException(reply, HopCondition.Down, last);
    }

    /// <summary>Says that the time for a connection is over.</summary>
    public HopUnreachableException TimedOut() =>
        new(new SmtpReply(451, NoAnswerFromHost, $"Connecting to {_target} timed out"), HopCondition.Down, null);

    private async Task<Stream> OpenAsync(EndPoint address, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (_sources.Take(address.AddressFamily) is { } source)
                socket.Bind(new IPEndPoint(source.Address, 0));
            await socket.ConnectAsync(address, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<Stream> SecureAsync(Stream stream, CancellationToken cancellationToken)
    {
        var secure = new SslStream(stream, leaveInnerStreamOpen: false);
        try
        {
            await secure.AuthenticateAsClientAsync(_options.Tls.GetHttpOptions(_target.Host), cancellationToken);
            Tls = $"{(secure.SslProtocol == SslProtocols.Tls13 ? "TLSv1.3" : "TLSv1.2")} {secure.NegotiatedCipherSuite}";
            return secure;
        }
        catch (Exception failure) when (failure is AuthenticationException or IOException)
        {
            await secure.DisposeAsync();
            SmtpReply reply = SmtpReply.FromForeignText(451, TlsFailed, $"TLS with {_target} failed: {failure.Message}");
            throw new HopUnreachableException(reply, HopCondition.Down, failure);
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }
}
