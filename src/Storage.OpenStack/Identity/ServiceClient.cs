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
    private readonly Lock _gate = new();
    private Task<AccessToken>? _renewing;
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
        // Of all tries together: whoever holds a place for so long as a request may take must be able to rely on it.
        using CancellationTokenSource limit = Limit(cancellationToken);
        for (int tries = 0; ; tries++)
        {
            AccessToken token = await GetTokenAsync(limit.Token, cancellationToken).ConfigureAwait(false);
            (HttpResponseMessage answer, bool isRepeated) = await TryAsync(make, token, isChange, limit.Token, cancellationToken).ConfigureAwait(false);
            if (answer.StatusCode == HttpStatusCode.Unauthorized && tries == 0)
            {
                // Only that one: another request may have got a new one already.
                answer.Dispose();
                Interlocked.CompareExchange(ref _token, null, token);
                continue;
            }

            int status = (int)answer.StatusCode;
            if (status is 401 or 403 or 413 or 429 or >= 500)
            {
                string reason = $"{Description} answers {status} {answer.ReasonPhrase}.";
                answer.Dispose();

                // 503 is also what too few of its servers say where some have stored it.
                bool isPossiblyDone = isChange && (isRepeated || status >= 500);
                throw new StorageException(status is 413 or 507 ? StorageFailure.Full : isPossiblyDone ? StorageFailure.DeadlinePassed : StorageFailure.Unavailable, reason);
            }

            return answer;
        }
    }

    /// <summary>Reads all of an answer.</summary>
    /// <exception cref="StorageException">It does not come, or not in time.</exception>
    public async Task<byte[]> ReadAllAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = Limit(cancellationToken);
        try
        {
            return await answer.Content.ReadAsByteArrayAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception trouble) when (IsKnown(trouble, cancellationToken))
        {
            throw Translate(trouble, false);
        }
    }

    /// <summary>Reads the beginning of an answer into a buffer; fewer octets than fit only where it has no more.</summary>
    /// <exception cref="StorageException">It does not come, or not in time.</exception>
    public async Task<int> ReadAsync(HttpResponseMessage answer, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = Limit(cancellationToken);
        try
        {
            await using Stream stream = await answer.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
            return await stream.ReadAtLeastAsync(buffer, buffer.Length, false, limit.Token).ConfigureAwait(false);
        }
        catch (Exception trouble) when (IsKnown(trouble, cancellationToken))
        {
            throw Translate(trouble, false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
    }

    // The answer, and whether one to the same request got lost before.
    private async Task<(HttpResponseMessage Answer, bool IsRepeated)> TryAsync(Func<string, HttpRequestMessage> make, AccessToken token, bool isChange, CancellationToken limit, CancellationToken cancellationToken)
    {
        try
        {
            return (await SendOnceAsync(make, token, limit).ConfigureAwait(false), false);
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
            return (await SendOnceAsync(make, token, limit).ConfigureAwait(false), true);
        }
        catch (Exception trouble) when (IsKnown(trouble, cancellationToken))
        {
            // The first may have been done, whatever became of the second.
            throw isChange ? new StorageException(StorageFailure.DeadlinePassed, $"{Description}: {trouble.Message}", trouble) : Translate(trouble, false);
        }
    }

    private static bool IsKnown(Exception trouble, CancellationToken cancellationToken) =>
        trouble is HttpRequestException or IOException || (trouble is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    // The client's own limit ends with the head of the answer.
    private CancellationTokenSource Limit(CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.Timeout);
        return limit;
    }

    private StorageException Translate(Exception trouble, bool isChange)
    {
        bool isRefused = trouble is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError };
        return new StorageException(isChange && !isRefused ? StorageFailure.DeadlinePassed : StorageFailure.Unavailable, $"{Description}: {trouble.Message}", trouble);
    }

    private async Task<HttpResponseMessage> SendOnceAsync(Func<string, HttpRequestMessage> make, AccessToken token, CancellationToken cancellationToken)
    {
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

    private async ValueTask<AccessToken> GetTokenAsync(CancellationToken limit, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _token) is { } known && known.ExpiresAt - _time.GetUtcNow() > Margin)
            return known;
        Task<AccessToken> renewing;
        lock (_gate)
        {
            if (_token is { } renewed && renewed.ExpiresAt - _time.GetUtcNow() > Margin)
                return renewed;

            // One asks for all, so that an identity service that does not answer costs each of them one limit and not one after another.
            if (_renewing is not { IsCompleted: false })
                _renewing = RenewAsync();
            renewing = _renewing;
        }

        try
        {
            return await renewing.WaitAsync(limit).ConfigureAwait(false);
        }
        catch (OperationCanceledException trouble) when (IsKnown(trouble, cancellationToken))
        {
            throw Translate(trouble, false);
        }
    }

    private async Task<AccessToken> RenewAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            AccessToken token = await _identity.GetAsync(CancellationToken.None).ConfigureAwait(false);
            _address = Find(token);

            // One that lives for less than the margin is used as long as it lives.
            if (token.ExpiresAt - _time.GetUtcNow() <= Margin)
                token = token with { ExpiresAt = token.ExpiresAt + Margin };
            Volatile.Write(ref _token, token);
            return token;
        }
        catch (Exception trouble) when (IsKnown(trouble, CancellationToken.None))
        {
            // Nothing was asked of the service itself.
            throw Translate(trouble, false);
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
