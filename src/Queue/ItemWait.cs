using SlimtaFast.Mail;

namespace SlimtaFast.Queue;

/// <summary>Why an item waits, with the figures that decide over it. Immutable.</summary>
/// <param name="Reason">Why.</param>
public sealed record ItemWait(WaitReason Reason)
{
    /// <summary>Until when, where that is known.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Attempts that run for its next hop.</summary>
    public int HopActive { get; init; }

    /// <summary>Attempts at once that its next hop gets at present; 0 where nothing is known of it yet.</summary>
    public int HopLimit { get; init; }

    /// <summary>Items that wait for their turn with its next hop.</summary>
    public int HopReady { get; init; }

    /// <summary>Attempts that run over all next hops.</summary>
    public int Active { get; init; }

    /// <summary>Attempts at once over all next hops.</summary>
    public int Limit { get; init; }

    /// <summary>What its next hop said when it was found down; no reply where it is up.</summary>
    public SmtpReply HopTrouble { get; init; }
}
