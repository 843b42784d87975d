namespace SlimtaFast.Admin.Live;

/// <summary>How often something happens.</summary>
/// <param name="Now">Times a second, in the last five seconds.</param>
/// <param name="Minute">Times a second, in the last minute.</param>
/// <param name="Total">Times since the process began.</param>
/// <param name="Series">Times a second in steps of five seconds, the oldest first: the last five minutes, or what there is of them.</param>
internal sealed record LiveRate(double Now, double Minute, long Total, double[] Series);
