using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.OpenStack.Identity;
using SlimtaFast.Storage.OpenStack.Swift;

namespace SlimtaFast.Storage.OpenStack;

/// <summary>
/// Objects in a container of Swift, also known as Rackspace Cloud Files. Large ones go up in segments while they come. Its condition for creating is no
/// protection from two that come at the same moment, and it has none for replacing. Thread-safe.
/// </summary>
public sealed class SwiftObjectStore : IObjectStore
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(1);

    private readonly SwiftOptions _options;
    private readonly ServiceClient _client;
    private readonly TimeProvider _time;

    /// <summary>Makes a store that <see cref="StartAsync"/> connects.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="time">Tells when a token has to be renewed, and when a change is tried again.</param>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public SwiftObjectStore(SwiftOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        options.Validate();
        _options = options;
        _time = time;
        _client = new ServiceClient(options.Cloud, ["object-store"], time);
    }

    /// <inheritdoc/>
    public string Description => $"swift:{_options.Container}/{_options.Prefix} at {_client.Description}";

    /// <inheritdoc/>
    public ConditionalWrites Conditions => ConditionalWrites.CreateOnly;

    /// <inheritdoc/>
    public bool ListsAtOnce => false;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await _client.SendAsync(address => new HttpRequestMessage(HttpMethod.Head, $"{address}/{Uri.EscapeDataString(_options.Container)}"), false, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
            throw Unexpected(answer, _options.Container);
    }

    /// <inheritdoc/>
    public async ValueTask<StoredObject?> GetAsync(string name, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await _client.SendAsync(address => Newest(HttpMethod.Get, AddressOf(address, name)), false, cancellationToken).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return null;
        if (!answer.IsSuccessStatusCode)
            throw Unexpected(answer, name);
        return new StoredObject(await _client.ReadAllAsync(answer, cancellationToken).ConfigureAwait(false), TagOf(answer));
    }

    /// <inheritdoc/>
    public async ValueTask<int?> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (buffer.IsEmpty)
            return 0;
        using HttpResponseMessage answer = await _client.SendAsync(
            address =>
            {
                var request = new HttpRequestMessage(HttpMethod.Get, AddressOf(address, name));
                request.Headers.Range = new RangeHeaderValue(offset, offset + buffer.Length - 1);
                return request;
            },
            false,
            cancellationToken).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return null;
        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            return 0;
        if (!answer.IsSuccessStatusCode)
            throw Unexpected(answer, name);
        if (offset > 0 && answer.StatusCode != HttpStatusCode.PartialContent)
            throw Unexpected(answer, name);
        return await _client.ReadAsync(answer, buffer, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<ObjectFacts?> FindAsync(string name, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await _client.SendAsync(address => Newest(HttpMethod.Head, AddressOf(address, name)), false, cancellationToken).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return null;
        if (!answer.IsSuccessStatusCode)
            throw Unexpected(answer, name);
        DateTimeOffset modified = decimal.TryParse(SwiftHeaders.Find(answer, "X-Timestamp"), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal seconds)
            ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond))
            : answer.Content.Headers.LastModified ?? DateTimeOffset.MaxValue;
        return new ObjectFacts(name, answer.Content.Headers.ContentLength ?? 0, TagOf(answer), modified);
    }

    /// <inheritdoc/>
    public async ValueTask<string?> PutAsync(string name, ReadOnlyMemory<byte> bytes, IReadOnlyList<KeyValuePair<string, string>> facts, PutCondition condition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (condition.Tag is not null)
            throw new NotSupportedException("Swift does not replace conditionally.");
        using HttpResponseMessage answer = await ChangeAsync(
            address =>
            {
                var request = new HttpRequestMessage(HttpMethod.Put, AddressOf(address, name)) { Content = new ReadOnlyMemoryContent(bytes) };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
                foreach ((string fact, string value) in facts)
                    request.Headers.TryAddWithoutValidation($"X-Object-Meta-{fact}", value);
                if (condition.IsAbsent)
                    request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Any);
                return request;
            },
            name,
            cancellationToken).ConfigureAwait(false);
        if (condition.IsAbsent && answer.StatusCode == HttpStatusCode.PreconditionFailed)
            return null;
        return answer.IsSuccessStatusCode ? TagOf(answer) : throw Unexpected(answer, name);
    }

    /// <inheritdoc/>
    public ObjectUpload BeginUpload(string name) => new SegmentedUpload(this, _options.Container, _options.Prefix, name);

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(names);
        await Task.WhenAll(names.Select(name => DeleteAsync(name, "", cancellationToken))).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteUploadAsync(string name, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await _client.SendAsync(address => new HttpRequestMessage(HttpMethod.Head, AddressOf(address, name)), false, cancellationToken).ConfigureAwait(false);
        bool isManifest = "true".Equals(SwiftHeaders.Find(answer, "X-Static-Large-Object"), StringComparison.OrdinalIgnoreCase);
        await DeleteAsync(name, isManifest ? "?multipart-manifest=delete" : "", cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<ObjectPage> ListAsync(string prefix, string? after, int max, CancellationToken cancellationToken)
    {
        string query = string.Create(CultureInfo.InvariantCulture, $"?format=json&limit={max}&prefix={Uri.EscapeDataString(_options.Prefix + prefix)}");
        if (after is not null)
            query += $"&marker={Uri.EscapeDataString(_options.Prefix + after)}";
        using HttpResponseMessage answer = await _client.SendAsync(address => new HttpRequestMessage(HttpMethod.Get, $"{address}/{Uri.EscapeDataString(_options.Container)}{query}"), false, cancellationToken).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.NoContent)
            return new ObjectPage([], false);
        if (!answer.IsSuccessStatusCode)
            throw Unexpected(answer, _options.Container);
        byte[] body = await _client.ReadAllAsync(answer, cancellationToken).ConfigureAwait(false);
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            var found = new List<ObjectFacts>(document.RootElement.GetArrayLength());
            foreach (JsonElement entry in document.RootElement.EnumerateArray())
            {
                string modified = entry.GetProperty("last_modified").GetString()!;
                found.Add(new ObjectFacts(
                    entry.GetProperty("name").GetString()![_options.Prefix.Length..],
                    entry.GetProperty("bytes").GetInt64(),
                    entry.GetProperty("hash").GetString()!,
                    DateTimeOffset.Parse(modified, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)));
            }

            return new ObjectPage(found, found.Count >= max);
        }
        catch (Exception trouble) when (trouble is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new StorageException(StorageFailure.Unavailable, $"{Description}: a listing cannot be read: {trouble.Message}", trouble);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Makes segments that are there one object.</summary>
    internal async Task PutManifestAsync(string name, byte[] manifest, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await ChangeAsync(
            address => new HttpRequestMessage(HttpMethod.Put, AddressOf(address, name) + "?multipart-manifest=put") { Content = new ByteArrayContent(manifest) },
            name,
            cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
            throw Unexpected(answer, name);
    }

    // Of several copies the latest, also where the first that answers missed a write.
    private static HttpRequestMessage Newest(HttpMethod method, string address) => new(method, address) { Headers = { { "X-Newest", "true" } } };

    private async Task DeleteAsync(string name, string query, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await ChangeAsync(address => new HttpRequestMessage(HttpMethod.Delete, AddressOf(address, name) + query), name, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode && answer.StatusCode != HttpStatusCode.NotFound)
            throw Unexpected(answer, name);
    }

    // A proxy stamps each change with its clock, and an object server that has a later stamp does not do it: the proxy says 202 then for a write, and 409 for a
    // deletion. Where one that wrote before has a clock that is ahead a moment later is late enough; else nothing was done, which must not be taken for done.
    private async Task<HttpResponseMessage> ChangeAsync(Func<string, HttpRequestMessage> make, string name, CancellationToken cancellationToken)
    {
        long begun = _time.GetTimestamp();
        for (TimeSpan pause = FirstPause; ; pause *= 2)
        {
            HttpResponseMessage answer = await _client.SendAsync(make, true, cancellationToken).ConfigureAwait(false);
            if (answer.StatusCode is not (HttpStatusCode.Accepted or HttpStatusCode.Conflict))
                return answer;
            answer.Dispose();
            if (_time.GetElapsedTime(begun) + pause > MostPatience)
                throw new StorageException(StorageFailure.DeadlinePassed, $"{Description} has a later change of {name}: the clocks of its proxies do not agree.");
            await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private StorageException Unexpected(HttpResponseMessage answer, string name) =>
        new(StorageFailure.Unavailable, $"{Description} answers {(int)answer.StatusCode} {answer.ReasonPhrase} for {name}.");

    private static string TagOf(HttpResponseMessage answer) => (SwiftHeaders.Find(answer, "ETag") ?? "").Trim('"');

    private string AddressOf(string address, string name) =>
        $"{address}/{Uri.EscapeDataString(_options.Container)}/{string.Join('/', (_options.Prefix + name).Split('/').Select(Uri.EscapeDataString))}";
}
