using System.Net;
using System.Text;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.EndToEnd.Tests.Programs;

/// <summary>The real server with a spool of its own, delivering to a program.</summary>
internal sealed class ProgramServer : IAsyncDisposable
{
    private readonly RunningProgram _program;
    private readonly IPEndPoint _endPoint;

    private ProgramServer(RunningProgram program, IPEndPoint endPoint)
    {
        _program = program;
        _endPoint = endPoint;
    }

    public RunningProgram Program => _program;

    public static async Task<ProgramServer> StartAsync(TemporaryFolder folder, string relay, params (string Key, string Value)[] settings)
    {
        Dictionary<string, string> environment = settings.ToDictionary(static s => "SLIMTAFAST__" + s.Key.Replace(":", "__", StringComparison.Ordinal), static s => s.Value);
        (RunningProgram program, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync(
            environment, "serve", "--listen", "127.0.0.1:0", "--hostname", "mx.test", "--storage", $"disk:{folder["spool"]}", "--relay", relay, "--retry", "1s,...");
        return new ProgramServer(program, endPoint);
    }

    /// <summary>Sends a message of these octets; it was accepted when this completes.</summary>
    public async Task SendAsync(TemporaryFolder folder, string message, string from, params string[] to)
    {
        string file = folder[$"message-{Guid.NewGuid():n}"];
        await File.WriteAllTextAsync(file, message, Encoding.Latin1);
        (int code, string output) = await RunningProgram.RunAsync(
            SlimtafastProgram.Path, ["send", "--server", $"smtp://{_endPoint}", "--from", from, .. to.SelectMany(static r => new[] { "--to", r }), file]);
        Assert.True(code == 0, output);
    }

    public ValueTask DisposeAsync() => _program.DisposeAsync();
}
