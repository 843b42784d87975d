namespace SlimtaFast.Admin.Health;

/// <summary>Whether one part is ready. Immutable.</summary>
/// <param name="Part">Its name.</param>
/// <param name="Problem">Why it is not ready; null where it is.</param>
internal readonly record struct PartState(string Part, string? Problem);
