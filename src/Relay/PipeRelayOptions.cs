namespace SlimtaFast.Relay;

/// <summary>The program that a <see cref="PipeRelay"/> gives mail to, and how it runs. Immutable.</summary>
public sealed record PipeRelayOptions
{
    /// <summary>The program and its arguments.</summary>
    public required PipeCommand Command { get; init; }

    /// <summary>How it runs.</summary>
    public PipeProcessOptions Process { get; init; } = new();
}
