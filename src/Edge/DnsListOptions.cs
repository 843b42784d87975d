namespace SlimtaFast.Edge;

/// <summary>How lists in the DNS are used. Immutable.</summary>
public sealed record DnsListOptions
{
    /// <summary>The lists; all are asked at the same time.</summary>
    public required IReadOnlyList<DnsList> Lists { get; init; }

    /// <summary>The score from which on a client is refused: the sum of the weights of the lists that have it. Default 1.</summary>
    public int Threshold { get; init; } = 1;

    /// <summary>How long a list may take; one that takes longer, or fails, has no say. Default 5 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The text of the refusal, 550 5.7.1 or at the greeting 554 5.7.1: <c>{ip}</c> is the client's address, <c>{list}</c> the list that
    /// weighs most, <c>{reason}</c> what its text record says (looked up only where this stands in the text).
    /// </summary>
    public string Reply { get; init; } = "Client {ip} is listed by {list}";

    /// <summary>
    /// True to refuse in place of the greeting. Default false: each RCPT is refused, so that the log names sender and recipient, and
    /// <c>postmaster</c> can still be written to.
    /// </summary>
    public bool AtConnect { get; init; }
}
