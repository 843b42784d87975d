namespace SlimtaFast.Mail;

/// <summary>
/// What the sender asked of the delivery in time: not before, by when, and how urgent. Most messages have none, and then no object.
/// Immutable.
/// </summary>
public sealed record DeliveryTerms
{
    /// <summary>The lowest priority (RFC 6710 section 2).</summary>
    public const int LowestPriority = -9;

    /// <summary>The highest priority.</summary>
    public const int HighestPriority = 9;

    /// <summary>Before which no delivery is tried (FUTURERELEASE, RFC 4865), or null.</summary>
    public DateTimeOffset? HoldUntil { get; init; }

    /// <summary>By when it shall be delivered (DELIVERBY, RFC 2852), or null.</summary>
    public DeliverBy? By { get; init; }

    /// <summary>The priority of MT-PRIORITY (RFC 6710), from -9 to 9; 0 is that of any message. Throws for others.</summary>
    public int Priority
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, LowestPriority);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, HighestPriority);
            field = value;
        }
    }

    /// <summary>True where nothing is asked, so that a message needs no such object.</summary>
    public bool IsEmpty => HoldUntil is null && By is null && Priority == 0;
}
