namespace SlimtaFast.Edge;

/// <summary>Which JSON web tokens are good. Immutable.</summary>
public sealed record JwtValidatorOptions
{
    /// <summary>Where the issuer's key set (RFC 7517) is: an https URL, an http URL of this machine, or a file.</summary>
    public required string Keys { get; init; }

    /// <summary>The <c>iss</c> that a token must have.</summary>
    public required string Issuer { get; init; }

    /// <summary>One of these must be among the <c>aud</c> of a token.</summary>
    public required IReadOnlyList<string> Audiences { get; init; }

    /// <summary>The claim that names the user, such as <c>sub</c>, <c>email</c> or <c>upn</c>. Default <c>sub</c>.</summary>
    public string IdentityClaim { get; init; } = "sub";

    /// <summary>How far clocks may differ. Default 1 minute.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a key set is used before it is fetched again. Default 1 hour.</summary>
    public TimeSpan KeyLifetime { get; init; } = TimeSpan.FromHours(1);
}
