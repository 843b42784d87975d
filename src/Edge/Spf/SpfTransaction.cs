namespace SlimtaFast.Edge.Spf;

/// <summary>What the check keeps of a transaction in its session. Immutable.</summary>
/// <param name="Judging">The judgement, or its making.</param>
internal sealed record SpfTransaction(Task<SpfJudgement> Judging);
