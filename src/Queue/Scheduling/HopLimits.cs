namespace SlimtaFast.Queue.Scheduling;

/// <summary>The bounds that all hops share. Immutable.</summary>
/// <param name="Initial">Attempts at once before anything is known.</param>
/// <param name="Most">Attempts at once at most.</param>
/// <param name="ReadAhead">Items read back before their turn, at most.</param>
/// <param name="SuspendFirst">The first suspension.</param>
/// <param name="SuspendMost">The longest suspension.</param>
internal sealed record HopLimits(int Initial, int Most, int ReadAhead, TimeSpan SuspendFirst, TimeSpan SuspendMost);
