using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using SlimtaFast.Edge.Auth;

namespace SlimtaFast.Edge;

/// <summary>Asks an authorization server about each token (RFC 7662). Thread-safe.</summary>
public sealed class IntrospectionValidator : ITokenValidator, IDisposable
{
    private const int MostOctets = 256 * 1024;

    private readonly IntrospectionOptions _options;
    private readonly HttpClient _http;
    private readonly bool _ownsHttp;
    private readonly TimeProvider _time;
    private readonly AuthenticationHeaderValue _ourselves;

    /// <summary>Makes a validator.</summary>
    /// <param name="options">Who is asked.</param>
    /// <param name="http">Asks; null for one of its own.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public IntrospectionValidator(IntrospectionOptions options, HttpClient? http = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _ownsHttp = http is null;
        _http = http ?? new HttpClient();
        _time = time ?? TimeProvider.System;
        // RFC 6749 section 2.3.1: both are form-encoded before they are joined.
        string pair = $"{Uri.EscapeDataString(options.ClientId)}:{Uri.EscapeDataString(options.ClientSecret)}";
        _ourselves = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
    }

    /// <inheritdoc/>
    public async ValueTask<TokenVerdict> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(token);
        using var limit = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, _options.Url);
        request.Headers.Authorization = _ourselves;
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Content = new FormUrlEncodedContent([KeyValuePair.Create("token", token), KeyValuePair.Create("token_type_hint", "access_token")]);
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
        response.EnsureSuccessStatusCode();
        using JsonDocument answer = JsonDocument.Parse(await KeySet.ReadBoundedAsync(response.Content, MostOctets, either.Token));
        return Judge(answer.RootElement);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsHttp)
            _http.Dispose();
    }

    private TokenVerdict Judge(JsonElement answer)
    {
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("active", out JsonElement active) || active.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            throw new InvalidDataException("The authorization server's answer is none.");
        if (active.ValueKind == JsonValueKind.False)
            return TokenVerdict.Reject("the authorization server does not know it or has revoked it");
        if (answer.TryGetProperty("exp", out JsonElement expires) && expires.TryGetInt64(out long seconds) && seconds <= _time.GetUtcNow().ToUnixTimeSeconds())
            return TokenVerdict.Reject("it has expired");
        if (_options.Audience is not null && !HasAudience(answer))
            return TokenVerdict.Reject("it is not for us");
        return answer.TryGetProperty(_options.IdentityMember, out JsonElement name) && name.ValueKind == JsonValueKind.String
            && name.GetString() is { Length: > 0 } identity && !identity.Any(char.IsControl)
                ? TokenVerdict.Accept(identity)
                : TokenVerdict.Reject($"the authorization server's answer has no {_options.IdentityMember}");
    }

    // One text, or an array of them (RFC 7519 section 4.1.3).
    private bool HasAudience(JsonElement answer)
    {
        if (!answer.TryGetProperty("aud", out JsonElement audience))
            return false;
        return audience.ValueKind == JsonValueKind.Array
            ? audience.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.GetString() == _options.Audience)
            : audience.ValueKind == JsonValueKind.String && audience.GetString() == _options.Audience;
    }
}
