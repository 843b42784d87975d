namespace SlimtaFast.Edge;

/// <summary>What a token proved to be. Immutable.</summary>
public sealed class TokenVerdict
{
    private TokenVerdict(string? identity, string? reason)
    {
        Identity = identity;
        Reason = reason;
    }

    /// <summary>Whose token it is; null where it is no good.</summary>
    public string? Identity { get; }

    /// <summary>Why it is no good, for the log; null where it is good.</summary>
    public string? Reason { get; }

    /// <summary>A good token.</summary>
    public static TokenVerdict Accept(string identity)
    {
        ArgumentException.ThrowIfNullOrEmpty(identity);
        return new TokenVerdict(identity, null);
    }

    /// <summary>A bad token.</summary>
    public static TokenVerdict Reject(string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return new TokenVerdict(null, reason);
    }
}
