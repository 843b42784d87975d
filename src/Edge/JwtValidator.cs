using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using SlimtaFast.Edge.Auth;

namespace SlimtaFast.Edge;

/// <summary>
/// Takes JSON web tokens (RFC 7519) that the issuer signed for us: signature by a key of its set, issuer, audience and time are checked.
/// A token without an expiry, unsigned, or signed with a shared key is refused. Thread-safe.
/// </summary>
public sealed class JwtValidator : ITokenValidator, IDisposable
{
    // A public key must never be taken for a shared one, so that no algorithm with shared keys is here.
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly JwtValidatorOptions _options;
    private readonly TimeProvider _time;
    private readonly KeySet _keys;
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };

    /// <summary>Makes a validator; the key set is fetched when the first token comes.</summary>
    /// <param name="options">Which tokens are good.</param>
    /// <param name="http">Fetches a key set by URL; null for one of its own.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="log">Told of a key set that cannot be had; null for nowhere.</param>
    public JwtValidator(JwtValidatorOptions options, HttpClient? http = null, TimeProvider? time = null, ILogger<JwtValidator>? log = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfZero(options.Audiences.Count);
        _options = options;
        _time = time ?? TimeProvider.System;
        _keys = new KeySet(options.Keys, options.KeyLifetime, http, _time, (ILogger?)log ?? NullLogger.Instance);
    }

    /// <inheritdoc/>
    public async ValueTask<TokenVerdict> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (!_handler.CanReadToken(token))
            return TokenVerdict.Reject("it is no JSON web token");
        string? keyId = GetKeyId(token);
        if (keyId is null)
            return TokenVerdict.Reject("it is no JSON web token");
        IReadOnlyList<SecurityKey> keys = await _keys.GetAsync(keyId, cancellationToken);
        // Checking a signature is too long for a thread that serves connections.
        TokenValidationResult result = await Task.Run(() => _handler.ValidateTokenAsync(token, MakeParameters(keys)), cancellationToken);
        if (!result.IsValid)
            return TokenVerdict.Reject(Explain(result.Exception));
        return result.Claims.TryGetValue(_options.IdentityClaim, out object? claim) && claim is string { Length: > 0 } identity && !identity.Any(char.IsControl)
            ? TokenVerdict.Accept(identity)
            : TokenVerdict.Reject($"it has no claim {_options.IdentityClaim}");
    }

    /// <inheritdoc/>
    public void Dispose() => _keys.Dispose();

    // Empty where the token names no key; null where its header cannot be read.
    private string? GetKeyId(string token)
    {
        try
        {
            return _handler.ReadJsonWebToken(token).Kid ?? "";
        }
        catch (Exception malformed) when (malformed is ArgumentException or SecurityTokenException)
        {
            return null;
        }
    }

    private TokenValidationParameters MakeParameters(IReadOnlyList<SecurityKey> keys) => new()
    {
        ValidIssuer = _options.Issuer,
        ValidAudiences = _options.Audiences,
        IssuerSigningKeys = keys,
        ValidAlgorithms = Algorithms,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        ValidateIssuerSigningKey = true,
        LifetimeValidator = IsInTime,
    };

    private bool IsInTime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        DateTime now = _time.GetUtcNow().UtcDateTime;
        return expires is not null && now < expires.Value + _options.ClockSkew && (notBefore is null || now >= notBefore.Value - _options.ClockSkew);
    }

    private static string Explain(Exception? why) => why switch
    {
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException => "it has expired or is not valid yet",
        SecurityTokenNoExpirationException => "it has no expiry",
        SecurityTokenInvalidIssuerException => "somebody else issued it",
        SecurityTokenInvalidAudienceException => "it is not for us",
        SecurityTokenSignatureKeyNotFoundException => "no key of the set signed it",
        SecurityTokenInvalidSignatureException or SecurityTokenInvalidAlgorithmException => "its signature is not good",
        _ => why?.GetType().Name ?? "it is not good",
    };
}
