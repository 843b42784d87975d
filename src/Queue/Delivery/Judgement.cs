using SlimtaFast.Mail;
using SlimtaFast.Queue.Bounces;

namespace SlimtaFast.Queue.Delivery;

/// <summary>What an attempt means for an item: its next state, and of whom the sender may have to be told. Immutable.</summary>
internal sealed class Judgement
{
    /// <summary>The next state.</summary>
    public required DeliveryState State { get; init; }

    /// <summary>Recipients that got it now.</summary>
    public int Delivered { get; init; }

    /// <summary>Recipients that are still open.</summary>
    public int Deferred { get; init; }

    /// <summary>Recipients given up now, whether refused or expired.</summary>
    public int Failed { get; init; }

    /// <summary>True where those given up were so because of age, or because no further attempt is due.</summary>
    public bool Expired { get; init; }

    /// <summary>What to report, or null.</summary>
    public List<ReportedRecipient>? Reports { get; init; }
}
