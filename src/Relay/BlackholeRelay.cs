using SlimtaFast.Mail;

namespace SlimtaFast.Relay;

/// <summary>Takes every message and forgets it: for trying things out and for measuring what comes before a relay. Thread-safe.</summary>
public sealed class BlackholeRelay : IRelay
{
    private static readonly RecipientOutcome Swallowed =
        new(OutcomeKind.Delivered, new SmtpReply(250, "2.0.0", "Swallowed by the blackhole"), "blackhole", KeepsDeadline: true);

    private static readonly DeliveryReport One = DeliveryReport.ForAll(1, Swallowed);

    /// <summary>One hop for all domains.</summary>
    public string GetNextHop(string domain) => "blackhole";

    /// <summary>Delivers nowhere, at once.</summary>
    public ValueTask<DeliveryReport> AttemptAsync(Envelope envelope, DeliveryAttempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(attempt.Recipients);
        int count = attempt.Recipients.Count;
        return ValueTask.FromResult(count == 1 ? One : DeliveryReport.ForAll(count, Swallowed));
    }

    /// <summary>Does nothing: there is nothing to close.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
