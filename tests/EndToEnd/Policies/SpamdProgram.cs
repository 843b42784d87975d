using System.Globalization;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.EndToEnd.Tests.Policies;

/// <summary>A real spamd with local rules only, on a free loopback port or on a socket, with its files in a temporary folder.</summary>
internal sealed class SpamdProgram : IAsyncDisposable
{
    private readonly RunningProgram _program;
    private readonly TemporaryFolder _folder;
    private bool _isKilled;

    private SpamdProgram(RunningProgram program, TemporaryFolder folder, string address)
    {
        _program = program;
        _folder = folder;
        Address = address;
    }

    /// <summary>Its address as the server's configuration has it.</summary>
    public string Address { get; }

    public static async Task<SpamdProgram> StartAsync(bool onSocket = false)
    {
        var folder = new TemporaryFolder();
        string port = RunningProgram.FreePort().ToString(CultureInfo.InvariantCulture);
        string[] place = onSocket ? ["--socketpath=" + folder["spamd.sock"]] : ["-i", "127.0.0.1", "-p", port];
        RunningProgram program = RunningProgram.Start(
            "/usr/sbin/spamd",
            ["-L", "-x", .. place, "--min-children=1", "--max-children=1", "-u", "nobody", "-H", folder.Path, "-s", "stderr", "-r", folder["spamd.pid"]]);
        // The socket is there before spamd is ready.
        await program.WaitForLineAsync(static line => line.Contains("server started on", StringComparison.Ordinal), TimeSpan.FromSeconds(60));
        return new SpamdProgram(program, folder, onSocket ? "unix:" + folder["spamd.sock"] : "127.0.0.1:" + port);
    }

    /// <summary>Kills it and its children.</summary>
    public async Task KillAsync()
    {
        _isKilled = true;
        await _program.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isKilled)
            await _program.DisposeAsync();
        _folder.Dispose();
    }
}
