using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Dns;
using SlimtaFast.Mail;
using SlimtaFast.Relay.Http;
using SlimtaFast.Relay.Outcome;

namespace SlimtaFast.Relay;

/// <summary>
/// Delivers everything to one URL by HTTP POST, as python-slimta's relay of the name does: to its HTTP edge, to ours, or to any service that
/// understands the header fields (docs/http.md). Between two SlimtaFast servers the whole envelope goes along, and each recipient has an
/// answer of its own. Redirects are not followed. Thread-safe.
/// </summary>
public sealed class HttpRelay : IRelay
{
    private readonly string _nextHop;
    private readonly HttpDelivery _delivery;
    private readonly ILogger _logger;

    /// <summary>Makes a relay.</summary>
    /// <param name="url">An absolute <c>http:</c> or <c>https:</c> URL; its query is sent too.</param>
    /// <param name="options">How to speak HTTP; null for the defaults.</param>
    /// <param name="resolver">Looks the host up; null asks the system, which also knows the hosts file.</param>
    /// <param name="time">The clock of the exchange's time limit; null for the system's.</param>
    /// <param name="logger">Told of faults in the relay itself; null for nowhere.</param>
    public HttpRelay(Uri url, HttpRelayOptions? options = null, IDnsResolver? resolver = null, TimeProvider? time = null, ILogger<HttpRelay>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (!url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
            throw new ArgumentException("Not an absolute http: or https: URL.", nameof(url));
        options ??= new HttpRelayOptions();
        _nextHop = url.GetLeftPart(UriPartial.Authority);
        _logger = logger ?? NullLogger<HttpRelay>.Instance;
        _delivery = new HttpDelivery(url, options, new HttpConnector(url, options, resolver), time ?? TimeProvider.System, _logger);
    }

    /// <summary>The one hop for all domains: <c>SCHEME://HOST:PORT</c>.</summary>
    public string GetNextHop(string domain) => _nextHop;

    /// <inheritdoc/>
    public async ValueTask<DeliveryReport> AttemptAsync(Envelope envelope, DeliveryAttempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        try
        {
            return await _delivery.AttemptAsync(envelope, attempt.Recipients, cancellationToken);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            return RelayFault.Report(_logger, fault, envelope, attempt.Recipients.Count);
        }
    }

    /// <summary>Closes idle connections.</summary>
    public ValueTask DisposeAsync()
    {
        _delivery.Dispose();
        return ValueTask.CompletedTask;
    }
}
