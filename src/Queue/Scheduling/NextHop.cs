namespace SlimtaFast.Queue.Scheduling;

/// <summary>Where a domain's mail goes, as the relay says. Immutable.</summary>
/// <param name="Name">The relay's key.</param>
/// <param name="Most">Attempts at once at most, where the relay sets a bound of its own; 0 for the queue's.</param>
internal readonly record struct NextHop(string Name, int Most = 0);
