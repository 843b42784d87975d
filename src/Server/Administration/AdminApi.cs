using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SlimtaFast.Server.Administration;

/// <summary>Asks the admin listener of a running server. Every mistake is told in one line, what the server says about it included.</summary>
internal sealed class AdminApi : IDisposable
{
    private const int MostAnswerOctets = 64 * 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly HttpClient _client;
    private readonly Uri _server;

    /// <summary>Asks that server.</summary>
    /// <param name="server">Where the listener is.</param>
    /// <param name="token">Its token, or null for none.</param>
    public AdminApi(Uri server, string? token)
    {
        _server = new Uri(server.AbsoluteUri.TrimEnd('/') + "/api/v1/");

        // Neither a proxy nor a redirect has any business with the token.
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Patience, MaxResponseContentBufferSize = MostAnswerOctets };
        if (token is not null)
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Whom it asks.</summary>
    public string Server => _server.GetLeftPart(UriPartial.Authority);

    /// <summary>Asks for something.</summary>
    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(_server, path)), cancellationToken);

    /// <summary>Gives an order.</summary>
    public Task<JsonElement> PostAsync(string path, JsonObject body, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, new Uri(_server, path)) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") }, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<JsonElement> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            try
            {
                using HttpResponseMessage response = await _client.SendAsync(request, cancellationToken);
                byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
                if (!response.IsSuccessStatusCode)
                    throw Explain(response.StatusCode, body);
                return JsonElement.Parse(body);
            }
            catch (HttpRequestException failure)
            {
                throw new IOException($"{_server.GetLeftPart(UriPartial.Authority)}: {failure.Message}", failure);
            }
            catch (TaskCanceledException late) when (late.InnerException is TimeoutException)
            {
                throw new IOException($"{_server.GetLeftPart(UriPartial.Authority)}: no answer within {Patience.TotalSeconds:0} s", late);
            }
            catch (JsonException foreign)
            {
                throw new IOException($"{_server.GetLeftPart(UriPartial.Authority)}: this is no admin listener of slimtafast", foreign);
            }
        }
    }

    private static Exception Explain(HttpStatusCode status, byte[] body)
    {
        if (status == HttpStatusCode.Unauthorized)
            return new UsageException("--token-file: the server wants its token, and this is not it");
        string reason = TerminalText.Escape(ReadProblem(body));
        return status is HttpStatusCode.BadRequest or HttpStatusCode.NotFound
            ? new UsageException(reason.Length > 0 ? reason : $"the server answers {(int)status}: it has no such thing")
            : new IOException($"the server answers {(int)status} {reason}");
    }

    private static string ReadProblem(byte[] body)
    {
        try
        {
            JsonElement problem = JsonElement.Parse(body);
            return problem.ValueKind == JsonValueKind.Object && problem.TryGetProperty("detail", out JsonElement detail) ? detail.ToString() : "";
        }
        catch (JsonException)
        {
            return System.Text.Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 300))).Trim();
        }
    }
}
