using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Pipe;

/// <summary>What one run of the program brought for the recipients it was for. Immutable.</summary>
/// <param name="Outcome">Their outcome.</param>
/// <param name="Hop">What it showed of the program.</param>
/// <param name="PossiblyDelivered">True where it was ended, or ended by a signal, and may have delivered nevertheless.</param>
/// <param name="EndsAttempt">True where there is no sense in running it for further recipients now.</param>
internal readonly record struct RunResult(RecipientOutcome Outcome, HopCondition Hop = HopCondition.Up, bool PossiblyDelivered = false, bool EndsAttempt = false);
