using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Tests.Routing;

/// <summary>Delivers everything, says for whom, and whether it was disposed.</summary>
internal sealed class RecordingRelay(string hop = "hop", int most = 0) : IRelay
{
    public List<string> Served { get; } = [];

    /// <summary>The routing domain of the last attempt.</summary>
    public string? Way { get; private set; }

    public bool IsDisposed { get; private set; }

    public TaskCompletionSource? Gate { get; set; }

    public HopCondition Hop { get; set; }

    public string GetNextHop(string domain) => $"{hop}/{domain}";

    public int GetMaxAttempts(string domain) => most;

    public async ValueTask<DeliveryReport> AttemptAsync(Envelope envelope, DeliveryAttempt attempt, CancellationToken cancellationToken)
    {
        if (Gate is not null)
            await Gate.Task;
        Way = attempt.RoutingDomain;
        Served.AddRange(attempt.Recipients.Select(static recipient => recipient.Address.Address));
        return new DeliveryReport([.. attempt.Recipients.Select(r => new RecipientOutcome(OutcomeKind.Delivered, new SmtpReply(250, "2.0.0", r.Address.Address)))], Hop);
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}
