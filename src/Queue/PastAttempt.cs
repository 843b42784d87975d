using SlimtaFast.Mail;

namespace SlimtaFast.Queue;

/// <summary>One attempt at an item that is still queued. Immutable.</summary>
/// <param name="At">When it ended.</param>
/// <param name="Number">1 for the first one.</param>
/// <param name="NextHop">By way of whom.</param>
/// <param name="Delivered">Recipients that got it then.</param>
/// <param name="Deferred">Recipients that were still open.</param>
/// <param name="Failed">Recipients given up then.</param>
/// <param name="First">How it ended for the first of its recipients, with reply, remote and TLS.</param>
/// <param name="Took">How long it took.</param>
public sealed record PastAttempt(
    DateTimeOffset At, int Number, string NextHop, int Delivered, int Deferred, int Failed, RecipientOutcome First, TimeSpan Took);
