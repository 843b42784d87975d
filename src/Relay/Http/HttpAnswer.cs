using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Http;

/// <summary>What a response says of a message. Immutable.</summary>
/// <param name="Kind">What it means for the recipients that have no answer of their own.</param>
/// <param name="Reply">In whose words.</param>
/// <param name="Hop">What it showed of the hop.</param>
/// <param name="PossiblyDelivered">True where the server may have the message although the outcome is transient.</param>
internal readonly record struct HttpAnswer(OutcomeKind Kind, SmtpReply Reply, HopCondition Hop = HopCondition.Up, bool PossiblyDelivered = false)
{
    /// <summary>Answers for each recipient of the request; an empty one stands for <see cref="Reply"/>. Null for none.</summary>
    public SmtpReply[]? PerRecipient { get; init; }

    /// <summary>True where the server reports deliveries (DSN).</summary>
    public bool ReportsSuccess { get; init; }

    /// <summary>True where the server takes over the deadline (DELIVERBY).</summary>
    public bool KeepsDeadline { get; init; }
}
