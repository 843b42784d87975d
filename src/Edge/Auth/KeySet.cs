using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using SlimtaFast.Edge.Diagnostics;

namespace SlimtaFast.Edge.Auth;

/// <summary>
/// An issuer's keys (RFC 7517) from a URL or a file. They are fetched again when they are old, or when a token names a key that is not
/// among them, but not more than once a minute; where that fails, the old ones go on. All who wait share one fetch. Thread-safe.
/// </summary>
internal sealed class KeySet : IDisposable
{
    private const int MostOctets = 1024 * 1024;

    private static readonly TimeSpan LeastInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FetchLimit = TimeSpan.FromSeconds(10);

    // Where there never were any keys: an issuer that cannot be reached must not make each client wait for it.
    private static readonly TimeSpan FailureLifetime = TimeSpan.FromSeconds(5);

    private readonly string _location;
    private readonly TimeSpan _lifetime;
    private readonly HttpClient? _http;
    private readonly bool _ownsHttp;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _disposing = new();
    private volatile Snapshot? _current;
    private Task<Snapshot>? _fetch;
    private long _fetchEndedAt;

    /// <summary>Makes a set that is not fetched yet.</summary>
    public KeySet(string location, TimeSpan lifetime, HttpClient? http, TimeProvider time, ILogger log)
    {
        _location = location;
        _lifetime = lifetime;
        _time = time;
        _log = log;
        bool isUrl = Uri.TryCreate(location, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https";
        _ownsHttp = isUrl && http is null;
        _http = isUrl ? http ?? new HttpClient() : null;
    }

    /// <summary>The keys; throws where there never were any, at once where that was found out a moment ago.</summary>
    /// <param name="keyId">The key that is wanted; empty where that is not known.</param>
    /// <param name="cancellationToken">Gives up waiting; others may still wait for the same fetch.</param>
    public async ValueTask<IReadOnlyList<SecurityKey>> GetAsync(string keyId, CancellationToken cancellationToken)
    {
        if (_current is { } fresh && !IsStale(fresh, keyId))
            return fresh.Keys;
        return (await JoinFetch(keyId).WaitAsync(cancellationToken)).Keys;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposing.IsCancellationRequested)
            return;
        _disposing.Cancel();
        _disposing.Dispose();
        if (_ownsHttp)
            _http?.Dispose();
    }

    private Task<Snapshot> JoinFetch(string keyId)
    {
        lock (_lock)
        {
            if (_current is { } fresh && !IsStale(fresh, keyId))
                return Task.FromResult(fresh);
            if (_fetch is { IsCompleted: false } running)
                return running;
            if (_fetch is { IsCompletedSuccessfully: false } failed && _time.GetElapsedTime(_fetchEndedAt) < FailureLifetime)
                return failed;
            // It serves the clients of several threads, and is not over where the first of them goes.
            CancellationToken disposing = _disposing.Token;
            return _fetch = Task.Run(() => FetchAsync(disposing), disposing);
        }
    }

    private bool IsStale(Snapshot set, string keyId)
    {
        TimeSpan age = _time.GetElapsedTime(set.FetchedAt);
        return age >= _lifetime || (age >= LeastInterval && keyId.Length > 0 && !set.Keys.Any(key => key.KeyId == keyId));
    }

    private async Task<Snapshot> FetchAsync(CancellationToken cancellationToken)
    {
        Snapshot? old = _current;
        try
        {
            var set = new JsonWebKeySet(_http is null ? await File.ReadAllTextAsync(_location, cancellationToken) : await DownloadAsync(_http, cancellationToken));
            IReadOnlyList<SecurityKey> keys = [.. set.GetSigningKeys()];
            return _current = keys.Count > 0 ? new Snapshot(keys, _time.GetTimestamp()) : throw new InvalidDataException("The key set has no key that signs.");
        }
        catch (Exception failure) when (old is not null && !cancellationToken.IsCancellationRequested)
        {
            EdgeAuthLog.KeysNotRead(_log, _location, failure);
            // Tried again in a minute at the earliest.
            return _current = old with { FetchedAt = _time.GetTimestamp() };
        }
        finally
        {
            _fetchEndedAt = _time.GetTimestamp();
        }
    }

    private async Task<string> DownloadAsync(HttpClient http, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(FetchLimit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using HttpResponseMessage response = await http.GetAsync(new Uri(_location), HttpCompletionOption.ResponseHeadersRead, either.Token);
        response.EnsureSuccessStatusCode();
        return Encoding.UTF8.GetString(await ReadBoundedAsync(response.Content, MostOctets, either.Token));
    }

    /// <summary>An answer's content; throws <see cref="InvalidDataException"/> where it is longer than it may be.</summary>
    public static async Task<byte[]> ReadBoundedAsync(HttpContent content, int most, CancellationToken cancellationToken)
    {
        await using Stream stream = await content.ReadAsStreamAsync(cancellationToken);
        using var all = new MemoryStream();
        byte[] block = new byte[8192];
        for (int read; (read = await stream.ReadAsync(block, cancellationToken)) > 0;)
        {
            if (all.Length + read > most)
                throw new InvalidDataException("The answer is too long.");
            all.Write(block, 0, read);
        }

        return all.ToArray();
    }

    private sealed record Snapshot(IReadOnlyList<SecurityKey> Keys, long FetchedAt);
}
