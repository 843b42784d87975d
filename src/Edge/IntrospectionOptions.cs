namespace SlimtaFast.Edge;

/// <summary>Who is asked about tokens by RFC 7662. Immutable; never shows its secret in text.</summary>
public sealed class IntrospectionOptions
{
    /// <summary>The introspection end point.</summary>
    public required Uri Url { get; init; }

    /// <summary>Our name there.</summary>
    public required string ClientId { get; init; }

    /// <summary>Our password there.</summary>
    public required string ClientSecret { get; init; }

    /// <summary>The member of the answer that names the user. Default <c>username</c>.</summary>
    public string IdentityMember { get; init; } = "username";

    /// <summary>What must be among the answer's <c>aud</c>; null where that is not looked at. Default null.</summary>
    public string? Audience { get; init; }

    /// <summary>How long an answer may take. Default 10 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
