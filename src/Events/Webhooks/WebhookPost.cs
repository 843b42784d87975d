using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using SlimtaFast.Mail;

namespace SlimtaFast.Events.Webhooks;

/// <summary>Posts events as a JSON array. Not thread-safe: it has one sender.</summary>
internal sealed class WebhookPost : IDisposable
{
    private readonly EventWebhookOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    /// <summary>Makes a sender.</summary>
    public WebhookPost(EventWebhookOptions options, TimeProvider time, HttpMessageHandler? handler)
    {
        _options = options;
        _time = time;
        // Names are looked up anew now and then. A redirection would turn the POST into something else.
        handler ??= new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        Name = options.Url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
    }

    /// <summary>The URL for logs: without its query, which may hold a secret.</summary>
    public string Name { get; }

    /// <summary>Posts some events.</summary>
    public async Task<WebhookAnswer> SendAsync(IReadOnlyList<MailEvent> events, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        using HttpRequestMessage request = MakeRequest(events);
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return Judge(response.StatusCode);
        }
        catch (OperationCanceledException)
        {
            return new WebhookAnswer(late.IsCancellationRequested ? "no answer in time" : "the server stops");
        }
        catch (HttpRequestException trouble)
        {
            return new WebhookAnswer(trouble.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static WebhookAnswer Judge(HttpStatusCode status)
    {
        if ((int)status is >= 200 and < 300)
            return default;
        // Only what says that it is these events' fault; a wrong token or path is put right by somebody, and then they are taken.
        bool isForGood = status is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnsupportedMediaType or HttpStatusCode.UnprocessableEntity;
        // Of these no try gets any further by itself: a redirection, and all that is the request's own fault but those that ask for time.
        bool needsSomebody = !isForGood && (int)status is >= 300 and < 500 && status is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425);
        return new WebhookAnswer(string.Create(CultureInfo.InvariantCulture, $"it answered {(int)status}"), isForGood, needsSomebody);
    }

    private HttpRequestMessage MakeRequest(IReadOnlyList<MailEvent> events)
    {
        var body = new ArrayBufferWriter<byte>(256 * events.Count);
        using (var json = new Utf8JsonWriter(body, EventJson.Options))
        {
            json.WriteStartArray();
            foreach (MailEvent what in events)
                EventJson.Write(json, what);
            json.WriteEndArray();
        }

        var content = new ReadOnlyMemoryContent(body.WrittenMemory);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var request = new HttpRequestMessage(HttpMethod.Post, _options.Url) { Content = content };
        if (_options.Token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _options.Token);
        return request;
    }
}
