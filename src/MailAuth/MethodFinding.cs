namespace SlimtaFast.MailAuth;

/// <summary>What one method says about a message: one part of an Authentication-Results field (RFC 8601 section 2.2). Immutable.</summary>
/// <param name="Method">The method's registered name, such as <c>spf</c>.</param>
/// <param name="Result">Its result.</param>
public sealed record MethodFinding(string Method, MailAuthResult Result)
{
    /// <summary>Why, for people; null for nothing.</summary>
    public string? Reason { get; init; }

    /// <summary>What it looked at, in order.</summary>
    public IReadOnlyList<MethodProperty> Properties { get; init; } = [];
}
