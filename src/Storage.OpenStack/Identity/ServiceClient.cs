using System.Net;

namespace SlimtaFast.Storage.OpenStack.Identity;

/// <summary>
/// Sends requests to one service of a cloud, with a token that is renewed before it ends, and once more where the service refuses it. Thread-safe.
/// </summary>
internal sealed class ServiceClient : IDisposable
{
    // Renewed so long before its end, so that no request is under way with an old one.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http;
    private readonly OpenStackOptions _options;
    private readonly string[] _types;
    private readonly TimeProvider _time;
    private readonly IdentityClient _identity;
    private readonly SemaphoreSlim _renewing = new(1);
    private AccessToken? _token;
    private string _address = "";

    // True for a server of HTTP/1.0, which ends the connection after each answer without saying so.
    private bool _closes;

    /// <summary>Knows of a cloud; asks nobody yet.</summary>
    /// <param name="options">The cloud.</param>
    /// <param name="types">What the service is called in the catalogue, the first that is there.</param>
    /// <param name="time">The clock.</param>
    public ServiceClient(OpenStackOptions options, string[] types, TimeProvider time)
    {
        _options = options;
        _types = types;
        _time = time;
        _http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None, AllowAutoRedirect = false, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30) })
        {
            Timeout = options.Timeout,
        };
        _identity = new IdentityClient(_http, options, time);
    }

    /// <summary>What it is, for an operator.</summary>
    public string Description => _options.Endpoint.ToString();

    /// <summary>The service's address, once there is a token.</summary>
    public string Address => _address;

    /// <summary>Sends a request; the caller disposes the answer, of which only the head was read.</summary>
    /// <param name="make">Makes the request for the service's address; called again where the token was refused.</param>
    /// <param name="isChange">True where it may change something.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StorageException">There is no answer, or it is one that says that the service fails.</exception>
    public async Task<HttpResponseMessage> SendAsync(Func<string, HttpRequestMessage> make, bool isChange, CancellationToken cancellationToken)
    {
        for (int tries = 0; ; tries++)
        {
            HttpResponseMessage answer = await TryAsync(make, isChange, cancellationToken).ConfigureAwait(false);
            if (answer.StatusCode == HttpStatusCode.Unauthorized && tries == 0)
            {
                answer.Dispose();
                Volatile.Write(ref _token, null);
                continue;
            }

            int status = (int)answer.StatusCode;
            if (status is 401 or 403 or 413 or 429 or >= 500)
            {
                string reason = $"{Description} answers {status} {answer.ReasonPhrase}.";
                answer.Dispose();
                throw new StorageException(status is 413 or 507 ? StorageFailure.Full : isChange && status is >= 500 and not 503 ? StorageFailure.DeadlinePassed : StorageFailure.Unavailable, reason);
            }

            return answer;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _renewing.Dispose();
    }

    private async Task<HttpResponseMessage> TryAsync(Func<string, HttpRequestMessage> make, bool isChange, CancellationToken cancellationToken)
    {
        try
        {
            return await SendOnceAsync(make, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException ended) when (ended.HttpRequestError == HttpRequestError.ResponseEnded)
        {
            // A kept connection that the server was just closing; all requests may be repeated.
        }
        catch (Exception trouble) when (IsKnown(trouble, cancellationToken))
        {
            throw Translate(trouble, isChange);
        }

        try
        {
            return await SendOnceAsync(make, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception trouble) when (IsKnown(trouble, cancellationToken))
        {
            throw Translate(trouble, isChange);
        }
    }

    private static bool IsKnown(Exception trouble, CancellationToken cancellationToken) =>
        trouble is HttpRequestException or IOException || (trouble is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private StorageException Translate(Exception trouble, bool isChange)
    {
        bool isRefused = trouble is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError };
        return new StorageException(isChange && !isRefused ? StorageFailure.DeadlinePassed : StorageFailure.Unavailable, $"{Description}: {trouble.Message}", trouble);
    }

    private async Task<HttpResponseMessage> SendOnceAsync(Func<string, HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        AccessToken token = await GetTokenAsync(cancellationToken).ConfigureAwait(false);
        using HttpRequestMessage request = make(_address);
        if (token.Text.Length > 0)
            request.Headers.TryAddWithoutValidation("X-Auth-Token", token.Text);
        if (Volatile.Read(ref _closes))
            request.Headers.ConnectionClose = true;
        HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (answer.Version < HttpVersion.Version11)
            Volatile.Write(ref _closes, true);
        return answer;
    }

    private async ValueTask<AccessToken> GetTokenAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _token) is { } known && known.ExpiresAt - _time.GetUtcNow() > Margin)
            return known;
        await _renewing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            DateTimeOffset now = _time.GetUtcNow();
            if (_token is { } renewed && renewed.ExpiresAt - now > Margin)
                return renewed;
            AccessToken token = await _identity.GetAsync(cancellationToken).ConfigureAwait(false);
            _address = Find(token);

            // One that lives for less than the margin is used as long as it lives.
            if (token.ExpiresAt - now <= Margin)
                token = token with { ExpiresAt = token.ExpiresAt + Margin };
            Volatile.Write(ref _token, token);
            return token;
        }
        finally
        {
            _renewing.Release();
        }
    }

    private string Find(AccessToken token)
    {
        foreach (string type in _types)
        {
            foreach (CatalogueEntry entry in token.Services)
            {
                if ((entry.Type == type || entry.Type.Length == 0) && (_options.Region.Length == 0 || entry.Region.Length == 0 || entry.Region.Equals(_options.Region, StringComparison.OrdinalIgnoreCase)))
                    return entry.Address;
            }
        }

        string regions = string.Join(", ", token.Services.Where(entry => _types.Contains(entry.Type)).Select(static entry => entry.Region).Distinct());
        throw new StorageException(StorageFailure.Unavailable, $"The catalogue of {Description} has no {_types[0]} in the region '{_options.Region}'; it has it in: {regions}.");
    }
}
