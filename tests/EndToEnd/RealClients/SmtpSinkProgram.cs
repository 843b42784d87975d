using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.EndToEnd.Tests.RealClients;

/// <summary>Postfix's <c>smtp-sink</c> as the next hop, dumping each message into a file of its own (with LF line ends).</summary>
internal sealed class SmtpSinkProgram : IAsyncDisposable
{
    private readonly RunningProgram _program;
    private readonly TemporaryFolder _folder;

    private SmtpSinkProgram(RunningProgram program, TemporaryFolder folder, int port)
    {
        _program = program;
        _folder = folder;
        Port = port;
    }

    public int Port { get; }

    public static async Task<SmtpSinkProgram> StartAsync(params string[] options)
    {
        var folder = new TemporaryFolder();
        // The sink gives up root, so its folder has to be writable for whom it becomes.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_111_111);
        int port = RunningProgram.FreePort();
        RunningProgram program = RunningProgram.Start("smtp-sink", ["-u", "nobody", "-d", folder["%M."], .. options, $"127.0.0.1:{port}", "100"]);
        await program.WaitForPortAsync(port, TimeSpan.FromSeconds(10));
        return new SmtpSinkProgram(program, folder, port);
    }

    /// <summary>Waits until so many whole messages have arrived and returns them as text with LF line ends, one char per octet.</summary>
    public async Task<IReadOnlyList<string>> WaitForMessagesAsync(int count, TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            // The sink writes a dump as the data comes, and its last line last.
            string[] whole = [.. Directory.GetFiles(_folder.Path).Select(f => File.ReadAllText(f, System.Text.Encoding.Latin1)).Where(t => t.Contains("END-OF-TEST", StringComparison.Ordinal) || t.Contains("XXXX", StringComparison.Ordinal))];
            if (whole.Length >= count)
                return whole;
            try
            {
                await poll.WaitForNextTickAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{whole.Length} of {count} messages arrived. {_program.Output}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        _folder.Dispose();
    }
}
