using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Smtp;

/// <summary>An open session, or why there is none. Immutable.</summary>
/// <param name="Session">The session, or null.</param>
/// <param name="Outcome">How the attempt ends where there is none and no other host.</param>
/// <param name="Hop">What it showed of the host.</param>
internal readonly record struct OpenResult(RelaySession? Session, RecipientOutcome Outcome, HopCondition Hop);
