namespace SlimtaFast.Admin.Live;

/// <summary>What was recorded in the last minute or so; durations in seconds.</summary>
/// <param name="Count">How many values.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Median">Half of them are no larger.</param>
/// <param name="P95">95 of a hundred are no larger.</param>
/// <param name="P99">99 of a hundred are no larger.</param>
internal sealed record LiveDistribution(long Count, double Mean, double Median, double P95, double P99);
