namespace SlimtaFast.Relay;

/// <summary>How a <see cref="DovecotLdaRelay"/> runs dovecot-lda. Immutable.</summary>
public sealed record DovecotLdaRelayOptions
{
    /// <summary>The program: an absolute path, or a name that is searched in PATH. Default <c>/usr/lib/dovecot/dovecot-lda</c>.</summary>
    public string Path { get; init; } = "/usr/lib/dovecot/dovecot-lda";

    /// <summary>Arguments behind ours, with macros. Default none.</summary>
    public IReadOnlyList<string> ExtraArguments { get; init; } = [];

    /// <summary>How it runs.</summary>
    public PipeProcessOptions Process { get; init; } = new();
}
