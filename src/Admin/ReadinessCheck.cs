namespace SlimtaFast.Admin;

/// <summary>Asks one part of the server whether it can do its work. Immutable; what it calls is called from any thread.</summary>
/// <param name="Part">The part's name, as <c>/health/ready</c> shows it.</param>
/// <param name="FindProblem">Gives back why the part is not ready, in words for an operator, or null where it is. What it throws is a reason, too.</param>
public sealed record ReadinessCheck(string Part, Func<CancellationToken, ValueTask<string?>> FindProblem);
