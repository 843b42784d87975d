using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Pipe;

/// <summary>What an exit code says of a delivery. Immutable.</summary>
/// <param name="Kind">Transient or permanent.</param>
/// <param name="Status">The enhanced status code.</param>
/// <param name="Text">In words, for where the program said nothing.</param>
internal readonly record struct ExitMeaning(OutcomeKind Kind, EnhancedStatus Status, string Text);
