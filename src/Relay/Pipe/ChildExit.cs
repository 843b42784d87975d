namespace SlimtaFast.Relay.Pipe;

/// <summary>How a process ended. Immutable.</summary>
/// <param name="Code">The exit code, or -1 where there is none.</param>
/// <param name="Signal">The signal that ended it, or 0.</param>
internal readonly record struct ChildExit(int Code, int Signal)
{
    /// <summary>Nobody knows: somebody else in this process reaped it.</summary>
    public static ChildExit Unknown => new(-1, 0);

    /// <summary>It ended by itself.</summary>
    public static ChildExit WithCode(int code) => new(code, 0);

    /// <summary>A signal ended it.</summary>
    public static ChildExit BySignal(int signal) => new(-1, signal);
}
