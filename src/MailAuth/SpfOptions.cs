namespace SlimtaFast.MailAuth;

/// <summary>Bounds of SPF evaluations. Immutable. The limit of 10 terms that ask the DNS is the RFC's and cannot be changed.</summary>
public sealed record SpfOptions
{
    /// <summary>
    /// How long one evaluation may take, after which it is <see cref="MailAuthResult.TempError"/>. Default 20 seconds, the least that RFC 7208
    /// section 4.6.4 recommends.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Terms whose question to the DNS may find nothing; one more is <see cref="MailAuthResult.PermError"/>. Default 2, as RFC 7208 section 4.6.4 recommends.</summary>
    public int MaxVoidLookups { get; init; } = 2;

    /// <summary>Results that are remembered for as long as the records that they rest on live; 0 for none. Default 10,000.</summary>
    public int MaxCachedResults { get; init; } = 10_000;

    /// <summary>Name of the server that asks, for the macro <c>r</c> in explanations. Default <c>unknown</c>.</summary>
    public string Receiver { get; init; } = "unknown";
}
