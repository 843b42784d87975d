namespace SlimtaFast.MailAuth.Spf;

/// <summary>A record that was read, or why it cannot be. Immutable.</summary>
internal sealed record SpfRecord
{
    /// <summary>The record as it was published.</summary>
    public required string Text { get; init; }

    /// <summary>Why the record is not in the grammar; null where it is.</summary>
    public string? Problem { get; init; }

    /// <summary>The directives, in order.</summary>
    public IReadOnlyList<Mechanism> Mechanisms { get; init; } = [];

    /// <summary>The redirect modifier's domain-spec, or null.</summary>
    public MacroText? Redirect { get; init; }

    /// <summary>The exp modifier's domain-spec, or null.</summary>
    public MacroText? Explanation { get; init; }
}
