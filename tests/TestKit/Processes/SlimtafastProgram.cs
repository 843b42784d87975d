using System.Net;

namespace SlimtaFast.TestKit.Processes;

/// <summary>The real executable, found by <c>SLIMTAFAST_SERVER</c> or as the build's own output.</summary>
public static class SlimtafastProgram
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    /// <summary>Where the executable is.</summary>
    public static string Path { get; } = Find();

    /// <summary>Starts <c>slimtafast</c> with a listener on a free loopback port and waits until it listens.</summary>
    public static Task<(RunningProgram Program, IPEndPoint EndPoint)> ListenAsync(params string[] arguments) =>
        ListenAsync(new Dictionary<string, string>(), arguments);

    /// <summary>The same with variables in its environment.</summary>
    public static Task<(RunningProgram Program, IPEndPoint EndPoint)> ListenAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        ListenAsync(StartLimit, environment, arguments);

    /// <summary>The same where a start may take longer than usual.</summary>
    public static async Task<(RunningProgram Program, IPEndPoint EndPoint)> ListenAsync(TimeSpan limit, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        RunningProgram program = RunningProgram.Start(Path, arguments, environment: environment);
        try
        {
            string line = await program.WaitForLineAsync(l => l.StartsWith("listening on ", StringComparison.Ordinal), limit);
            return (program, IPEndPoint.Parse(line["listening on ".Length..].Trim()));
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    /// <summary>Adds a user to a users file, as an operator does.</summary>
    public static async Task AddUserAsync(string usersFile, string name, string password)
    {
        (int code, string output) = await RunningProgram.RunAsync(Path, ["user", "add", name, "--users", usersFile], password);
        if (code != 0)
            throw new InvalidOperationException($"The user could not be added: {output}");
    }

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("SLIMTAFAST_SERVER") is { Length: > 0 } path)
            return path;
        // bin/<configuration>/net10.0 of a test project, next to which the server's own output stands in the tree.
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        string configuration = folder.Parent!.Name;
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "SlimtaFast.sln")))
            folder = folder.Parent;
        string found = System.IO.Path.Combine(folder?.FullName ?? "", "src", "Server", "bin", configuration, "net10.0", "slimtafast");
        return File.Exists(found) ? found : throw new FileNotFoundException("Build src/Server first, or set SLIMTAFAST_SERVER.", found);
    }
}
