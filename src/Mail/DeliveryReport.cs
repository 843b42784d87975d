namespace SlimtaFast.Mail;

/// <summary>The result of one attempt: an outcome for each recipient of the attempt, in its order. Immutable.</summary>
public sealed class DeliveryReport
{
    /// <summary>Makes a report.</summary>
    public DeliveryReport(IReadOnlyList<RecipientOutcome> outcomes, HopCondition hop = HopCondition.Up, bool possiblyDelivered = false)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        Outcomes = outcomes;
        Hop = hop;
        PossiblyDelivered = possiblyDelivered;
    }

    /// <summary>One for each recipient of the attempt, in its order.</summary>
    public IReadOnlyList<RecipientOutcome> Outcomes { get; }

    /// <summary>What the attempt showed of the next hop.</summary>
    public HopCondition Hop { get; }

    /// <summary>True where the connection broke after the final dot: the hop may have the message although the outcome is transient.</summary>
    public bool PossiblyDelivered { get; }

    /// <summary>A report that says the same of every recipient.</summary>
    public static DeliveryReport ForAll(int recipients, RecipientOutcome outcome, HopCondition hop = HopCondition.Up, bool possiblyDelivered = false)
    {
        var outcomes = new RecipientOutcome[recipients];
        Array.Fill(outcomes, outcome);
        return new DeliveryReport(outcomes, hop, possiblyDelivered);
    }
}
