namespace SlimtaFast.Server.Configuration;

/// <summary>What the value of a key looks like.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Least">The least number, where it is one with bounds.</param>
/// <param name="Most">The greatest number.</param>
/// <param name="Words">The words to choose from.</param>
internal sealed record KeyShape(KeyKind Kind, long? Least = null, long? Most = null, IReadOnlyList<string>? Words = null);
