using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SlimtaFast.Storage.OpenStack.Identity;

/// <summary>Asks an identity service for a token. Thread-safe.</summary>
internal sealed class IdentityClient
{
    private readonly HttpClient _http;
    private readonly OpenStackOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Asks by way of a client.</summary>
    public IdentityClient(HttpClient http, OpenStackOptions options, TimeProvider time)
    {
        _http = http;
        _options = options;
        _time = time;
    }

    /// <summary>Gets a token.</summary>
    /// <exception cref="StorageException">The service refuses or fails.</exception>
    public async Task<AccessToken> GetAsync(CancellationToken cancellationToken)
    {
        if (_options.Identity == IdentityKind.None)
            return new AccessToken("", DateTimeOffset.MaxValue, [new CatalogueEntry("", "", _options.Endpoint.ToString().TrimEnd('/'))]);
        using HttpRequestMessage request = MakeRequest();
        try
        {
            using HttpResponseMessage answer = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
                throw new StorageException(StorageFailure.Unavailable, $"The identity service at {_options.Endpoint} answers {(int)answer.StatusCode} {answer.ReasonPhrase}.");
            return await ReadAsync(answer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception trouble) when (trouble is FormatException or JsonException or InvalidOperationException)
        {
            throw new StorageException(StorageFailure.Unavailable, $"The identity service at {_options.Endpoint} is none that is understood: {trouble.Message}", trouble);
        }
    }

    private static StringContent Json(JsonObject body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");

    private HttpRequestMessage MakeRequest()
    {
        if (_options.Identity == IdentityKind.TempAuth)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, _options.Endpoint);
            request.Headers.TryAddWithoutValidation("X-Auth-User", _options.UserName);
            request.Headers.TryAddWithoutValidation("X-Auth-Key", _options.Secret);
            return request;
        }

        string address = _options.Endpoint.ToString().TrimEnd('/');
        if (_options.Identity == IdentityKind.Rackspace)
        {
            var auth = new JsonObject { ["RAX-KSKEY:apiKeyCredentials"] = new JsonObject { ["username"] = _options.UserName, ["apiKey"] = _options.Secret } };
            if (_options.Project.Length > 0)
                auth["tenantId"] = _options.Project;
            return Accepting(new HttpRequestMessage(HttpMethod.Post, address + "/tokens") { Content = Json(new JsonObject { ["auth"] = auth }) });
        }

        var keystone = new JsonObject
        {
            ["identity"] = new JsonObject
            {
                ["methods"] = new JsonArray("password"),
                ["password"] = new JsonObject
                {
                    ["user"] = new JsonObject { ["name"] = _options.UserName, ["password"] = _options.Secret, ["domain"] = new JsonObject { ["name"] = _options.Domain } },
                },
            },
        };
        if (_options.Project.Length > 0)
            keystone["scope"] = new JsonObject { ["project"] = new JsonObject { ["name"] = _options.Project, ["domain"] = new JsonObject { ["name"] = _options.Domain } } };
        return Accepting(new HttpRequestMessage(HttpMethod.Post, address + "/auth/tokens") { Content = Json(new JsonObject { ["auth"] = keystone }) });
    }

    private static HttpRequestMessage Accepting(HttpRequestMessage request)
    {
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return request;
    }

    private async Task<AccessToken> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (_options.Identity == IdentityKind.TempAuth)
        {
            double life = double.TryParse(HeaderOf(answer, "X-Auth-Token-Expires"), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) ? Math.Clamp(seconds, 1, 1e8) : 3600;
            string token = HeaderOf(answer, "X-Auth-Token") ?? throw new FormatException("it sends no X-Auth-Token");
            string address = HeaderOf(answer, "X-Storage-Url") ?? throw new FormatException("it sends no X-Storage-Url");
            return new AccessToken(token, now.AddSeconds(life), [new CatalogueEntry("object-store", "", address.TrimEnd('/'))]);
        }

        using JsonDocument body = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), default, cancellationToken).ConfigureAwait(false);
        return _options.Identity == IdentityKind.Rackspace
            ? TokenReader.ReadRackspace(body.RootElement, _options.UseInternalAddresses, now)
            : TokenReader.ReadKeystone(body.RootElement, HeaderOf(answer, "X-Subject-Token") ?? throw new FormatException("it sends no X-Subject-Token"), _options.UseInternalAddresses, now);
    }

    private static string? HeaderOf(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.First() : null;
}
