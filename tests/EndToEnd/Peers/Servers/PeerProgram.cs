using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.EndToEnd.Tests.Peers.Servers;

/// <summary>
/// Another mail server with a folder of its own. By TLS and AUTH it takes mail for <c>hop.test</c> into a Maildir; in clear, on the intake
/// port, it takes mail for <c>far.test</c>, which it relays to our server over STARTTLS, and for <c>implicit.test</c>, over TLS from the
/// start, both with AUTH.
/// </summary>
internal abstract class PeerProgram : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private RunningProgram? _program;

    public TemporaryFolder Folder { get; } = new();

    public int StartTlsPort { get; } = RunningProgram.FreePort();

    public int ImplicitTlsPort { get; } = RunningProgram.FreePort();

    public int IntakePort { get; } = RunningProgram.FreePort();

    /// <summary>What it has to say.</summary>
    public virtual string Log => _program?.Output ?? "";

    /// <summary>Configures and starts it.</summary>
    public async Task StartAsync(PeerServer server)
    {
        foreach (string name in new[] { "mail", "spool" })
            Directory.CreateDirectory(Folder[name]);
        await OwnAsync("nobody:nogroup", "mail");
        _program = await RunAsync(server);
        await _program.WaitForPortAsync(IntakePort, Limit);
        await _program.WaitForPortAsync(ImplicitTlsPort, Limit);
    }

    /// <summary>Waits for the one message in the Maildir and takes it out; with LF line ends and one char per octet.</summary>
    public async Task<string> TakeMailAsync(Func<string> context)
    {
        string file = (await MailFolder.WaitAsync(Folder["mail/new"], 1, Limit, () => $"{Log}\n{context()}"))[0];
        string text = MailFolder.Read(file);
        File.Delete(file);
        return text;
    }

    public bool HasMail => Directory.Exists(Folder["mail/new"]) && Directory.GetFiles(Folder["mail/new"]).Length > 0;

    public async ValueTask DisposeAsync()
    {
        if (_program is not null)
        {
            await _program.StopAsync();
            await _program.DisposeAsync();
        }

        Folder.Dispose();
    }

    /// <summary>Writes the configuration and starts the program in the foreground.</summary>
    protected abstract Task<RunningProgram> RunAsync(PeerServer server);

    protected async Task OwnAsync(string owner, string name)
    {
        (int code, string output) = await RunningProgram.RunAsync("chown", ["-R", owner, Folder[name]]);
        Assert.True(code == 0, output);
    }
}
