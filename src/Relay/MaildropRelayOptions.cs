namespace SlimtaFast.Relay;

/// <summary>How a <see cref="MaildropRelay"/> runs maildrop. Immutable.</summary>
public sealed record MaildropRelayOptions
{
    /// <summary>The program: an absolute path, or a name that is searched in PATH. Default <c>maildrop</c>.</summary>
    public string Path { get; init; } = "maildrop";

    /// <summary>Arguments behind ours, with macros. Default none.</summary>
    public IReadOnlyList<string> ExtraArguments { get; init; } = [];

    /// <summary>How it runs.</summary>
    public PipeProcessOptions Process { get; init; } = new();
}
