namespace SlimtaFast.Server;

/// <summary>The executable <c>slimtafast</c>.</summary>
public static class Program
{
    /// <summary>Runs the command line; the result is the process's exit code.</summary>
    public static int Main(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return 0;
    }
}
