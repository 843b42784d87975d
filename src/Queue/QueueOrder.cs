using SlimtaFast.Mail;

namespace SlimtaFast.Queue;

/// <summary>An operator's order to do something with items: with those of a list, or those that a filter finds. Immutable.</summary>
/// <param name="Action">What to do.</param>
/// <param name="By">Who asked, for the log.</param>
public sealed record QueueOrder(QueueAction Action, string By)
{
    /// <summary>
    /// To reroute: the domain whose route they take, a domain name or an address literal as it stands behind the at sign of an address; null for the
    /// recipients' own.
    /// </summary>
    public string? RoutingDomain { get; init; }

    /// <summary>The items; null for those of <see cref="Filter"/>.</summary>
    public IReadOnlyList<QueueId>? Ids { get; init; }

    /// <summary>Which items, where there is no list.</summary>
    public QueueFilter? Filter { get; init; }

    /// <summary>With a filter: where to go on, as the result before told; null to begin.</summary>
    public string? Cursor { get; init; }

    /// <summary>With a filter: items at most; a few more where a storage that processes share names them at once. Default 1000.</summary>
    public int Most { get; init; } = 1000;
}
