using SlimtaFast.Server.Commands;

namespace SlimtaFast.Server;

/// <summary>The executable <c>slimtafast</c>.</summary>
public static class Program
{
    /// <summary>Runs the command line; the result is the process's exit code.</summary>
    public static Task<int> Main(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return CommandLine.RunAsync(args, Console.Out, Console.Error, CancellationToken.None);
    }
}
