using SlimtaFast.MailAuth;

namespace SlimtaFast.Edge.Spf;

/// <summary>What was found out about one transaction. Immutable.</summary>
/// <param name="Hello">The finding for the hello; null where it was not asked for.</param>
/// <param name="MailFrom">The finding for the reverse-path; null where the hello's decided.</param>
internal sealed record SpfJudgement(SpfFinding? Hello, SpfFinding? MailFrom)
{
    /// <summary>The finding that decides.</summary>
    public SpfFinding Decisive => MailFrom ?? Hello!;

    /// <summary>All findings, the decisive one last.</summary>
    public IEnumerable<SpfFinding> All => new[] { Hello, MailFrom }.OfType<SpfFinding>();
}
