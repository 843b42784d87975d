using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.OpenStack.Identity;

namespace SlimtaFast.Storage.OpenStack;

/// <summary>
/// A queue of Zaqar, also known as Rackspace Cloud Queues. What is received is claimed, and renewed with its claim; it can neither be delayed nor be
/// hidden one by one. Thread-safe.
/// </summary>
public sealed class ZaqarMessageQueue : IMessageQueue
{
    private const int LeastClaim = 60, MostClaim = 43_200, Life = 1_209_600;
    private const int MostAtOnce = 10;

    private readonly ZaqarOptions _options;
    private readonly TimeProvider _time;
    private readonly ServiceClient _client;
    private readonly string _clientId = Guid.NewGuid().ToString();

    /// <summary>Makes a queue that <see cref="StartAsync"/> connects.</summary>
    /// <param name="options">Which queue.</param>
    /// <param name="time">Paces the asking.</param>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public ZaqarMessageQueue(ZaqarOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        options.Validate();
        _options = options;
        _time = time;
        _client = new ServiceClient(options.Cloud, ["messaging", "rax:queues", "queuing"], time);
    }

    /// <inheritdoc/>
    public string Description => $"zaqar:{_options.Queue} at {_client.Description}";

    /// <inheritdoc/>
    public TimeSpan LongestDelay => TimeSpan.Zero;

    /// <inheritdoc/>
    public TimeSpan LongestHidden => TimeSpan.FromSeconds(MostClaim);

    /// <inheritdoc/>
    public bool HidesSingly => false;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Put, "", _options.Version == "v1" ? null : new JsonObject(), cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
            throw Unexpected(answer);
    }

    /// <inheritdoc/>
    public async ValueTask SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        foreach (OutgoingMessage[] some in messages.Chunk(MostAtOnce))
        {
            var list = new JsonArray();
            foreach (OutgoingMessage message in some)
                list.Add((JsonNode)new JsonObject { ["ttl"] = Life, ["body"] = JsonNode.Parse(message.Body) });
            JsonNode body = _options.Version == "v1" ? list : new JsonObject { ["messages"] = list };
            using HttpResponseMessage answer = await SendAsync(HttpMethod.Post, "/messages", body, cancellationToken).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
                throw Unexpected(answer);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ReceivedMessage>> ReceiveAsync(int max, TimeSpan hidden, TimeSpan wait, CancellationToken cancellationToken)
    {
        long begun = _time.GetTimestamp();
        while (true)
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"/claims?limit={Math.Clamp(max, 1, MostAtOnce)}");
            using (HttpResponseMessage answer = await SendAsync(HttpMethod.Post, path, ClaimOf(hidden), cancellationToken).ConfigureAwait(false))
            {
                if (answer.StatusCode == HttpStatusCode.Created)
                    return await ReadAsync(answer, cancellationToken).ConfigureAwait(false);
                if (!answer.IsSuccessStatusCode)
                    throw Unexpected(answer);
            }

            if (_time.GetElapsedTime(begun) + _options.PollEvery > wait)
                return [];
            await Task.Delay(_options.PollEvery, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask HideAsync(IReadOnlyList<string> receipts, TimeSpan hidden, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(receipts);
        foreach (string claim in receipts.Select(ClaimIdOf).OfType<string>().Distinct())
        {
            // 404: the claim is over.
            using HttpResponseMessage answer = await SendAsync(HttpMethod.Patch, $"/claims/{claim}", ClaimOf(hidden), cancellationToken).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode && answer.StatusCode != HttpStatusCode.NotFound)
                throw Unexpected(answer);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(IReadOnlyList<string> receipts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(receipts);
        foreach (string receipt in receipts)
        {
            // 400 and 403 answer a claim that is over: whoever receives the message anew finds out.
            using HttpResponseMessage answer = await SendAsync(HttpMethod.Delete, $"/messages/{receipt}", null, cancellationToken).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode && answer.StatusCode is not (HttpStatusCode.NotFound or HttpStatusCode.BadRequest or HttpStatusCode.Forbidden))
                throw Unexpected(answer);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static JsonObject ClaimOf(TimeSpan hidden) => new() { ["ttl"] = (int)Math.Clamp(Math.Ceiling(hidden.TotalSeconds), LeastClaim, MostClaim), ["grace"] = LeastClaim };

    private static string? ClaimIdOf(string receipt)
    {
        int at = receipt.IndexOf("claim_id=", StringComparison.Ordinal);
        return at < 0 ? null : receipt[(at + "claim_id=".Length)..];
    }

    private async Task<IReadOnlyList<ReceivedMessage>> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        byte[] bytes = await _client.ReadAllAsync(answer, cancellationToken).ConfigureAwait(false);
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            JsonElement list = document.RootElement.ValueKind == JsonValueKind.Array ? document.RootElement : document.RootElement.GetProperty("messages");
            var messages = new List<ReceivedMessage>();
            foreach (JsonElement message in list.EnumerateArray())
            {
                // The receipt is the message and its claim, whatever stands in front of them.
                string href = message.GetProperty("href").GetString()!;
                messages.Add(new ReceivedMessage(message.GetProperty("body").GetRawText(), href[(href.LastIndexOf('/') + 1)..], 0));
            }

            return messages;
        }
        catch (Exception trouble) when (trouble is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new StorageException(StorageFailure.Unavailable, $"{Description}: an answer cannot be read: {trouble.Message}", trouble);
        }
    }

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken)
    {
        string? text = body?.ToJsonString();
        return _client.SendAsync(
            address =>
            {
                // Catalogues name some with their version and some without.
                string root = new Uri(address).AbsolutePath.StartsWith("/v", StringComparison.Ordinal) ? address : $"{address}/{_options.Version}";
                var request = new HttpRequestMessage(method, $"{root}/queues/{Uri.EscapeDataString(_options.Queue)}{path}");
                request.Headers.TryAddWithoutValidation("Client-ID", _clientId);
                if (_options.ProjectId.Length > 0)
                    request.Headers.TryAddWithoutValidation("X-Project-Id", _options.ProjectId);
                request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
                request.Content = new StringContent(text ?? "", Encoding.UTF8, "application/json");
                return request;
            },
            false,
            cancellationToken);
    }

    private StorageException Unexpected(HttpResponseMessage answer) => new(StorageFailure.Unavailable, $"{Description} answers {(int)answer.StatusCode} {answer.ReasonPhrase}.");
}
