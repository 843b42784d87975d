namespace SlimtaFast.Admin.Live;

/// <summary>All sums at one moment. Immutable.</summary>
/// <param name="At">When, as the clock's timestamp.</param>
/// <param name="Accepted">Messages accepted since the start.</param>
/// <param name="Delivered">Recipients delivered to.</param>
/// <param name="Deferred">Recipients to be tried again.</param>
/// <param name="Bounced">Recipients given up.</param>
/// <param name="Refused">What was refused.</param>
internal readonly record struct LiveSample(long At, long Accepted, long Delivered, long Deferred, long Bounced, long Refused);
