namespace SlimtaFast.Queue.Spam;

/// <summary>What spamd says of a message. Immutable.</summary>
/// <param name="IsSpam">Its own judgement.</param>
/// <param name="Score">The score.</param>
/// <param name="Threshold">From which score on it says spam.</param>
/// <param name="Symbols">The names of the rules that hit, with commas between them: letters, digits and underscores only.</param>
internal sealed record SpamdVerdict(bool IsSpam, double Score, double Threshold, string Symbols);
