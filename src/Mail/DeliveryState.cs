namespace SlimtaFast.Mail;

/// <summary>
/// The changing part of a queued item: how often it was tried, when it is due, and where each recipient stands. Immutable; each
/// change is a new state with a higher version, and recovery takes the highest.
/// </summary>
public sealed record DeliveryState
{
    private static readonly RecipientStatus[] OneOpen = [default];

    /// <summary>
    /// The due time of an item that an operator holds: so far off that nothing else is due then. It is kept like any other due time, so that a
    /// held item is held after a restart as well. An item whose deadline had passed before it was held is due one tick later.
    /// </summary>
    public static DateTimeOffset HeldUntil { get; } = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Counts up with each change; the first state has 0.</summary>
    public int Version { get; init; }

    /// <summary>Attempts made so far.</summary>
    public int Attempts { get; init; }

    /// <summary>When the next attempt is due.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>One entry for each recipient of the envelope, in its order.</summary>
    public required IReadOnlyList<RecipientStatus> Recipients { get; init; }

    /// <summary>True once a delay notice was queued, which happens once per item.</summary>
    public bool DelayNoticeSent { get; init; }

    /// <summary>
    /// The domain whose route the next attempts take instead of the recipients' own, in the form that <see cref="DomainNames.TryReadRoutingDomain"/> gives; null as a
    /// rule. Once there is one there is one in every later state, so that whoever keeps an item's domain beside it need not know the recipients': going back to
    /// their own route is to name their domain.
    /// </summary>
    public string? RoutingDomain { get; init; }

    /// <summary>True where an operator holds the item.</summary>
    public bool IsHeld => DueAt >= HeldUntil;

    /// <summary>True where no recipient is open any more.</summary>
    public bool IsClosed
    {
        get
        {
            foreach (RecipientStatus status in Recipients)
            {
                if (status.Phase == RecipientPhase.Open)
                    return false;
            }

            return true;
        }
    }

    /// <summary>The state of a new item.</summary>
    public static DeliveryState Initial(DateTimeOffset dueAt, int recipients) => new()
    {
        DueAt = dueAt,
        Recipients = recipients == 1 ? OneOpen : new RecipientStatus[recipients],
    };
}
