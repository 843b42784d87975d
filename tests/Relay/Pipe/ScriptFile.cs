using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Relay.Tests.Pipe;

/// <summary>A shell script of a test's own, and the folder it works in.</summary>
internal sealed class ScriptFile : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ScriptFile(string script)
    {
        Path = _folder["script"];
        File.WriteAllText(Path, $"#!/bin/sh\ncd '{_folder.Path}' || exit 99\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path, (UnixFileMode)0b111_101_101);
            File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_111_111);
        }
    }

    public string Path { get; }

    public string this[string name] => _folder[name];

    /// <summary>Waits until the script has written a line to a file, and returns it.</summary>
    public async Task<string> WaitForLineAsync(string name)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            if (File.Exists(_folder[name]) && File.ReadAllText(_folder[name]) is { } text && text.EndsWith('\n'))
                return text.Trim();
            await poll.WaitForNextTickAsync(deadline.Token);
        }
    }

    /// <summary>Waits until a process is gone; fails where it stays.</summary>
    public static async Task WaitForEndAsync(string processId)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (IsRunning(processId))
            await poll.WaitForNextTickAsync(deadline.Token);
    }

    public void Dispose() => _folder.Dispose();

    // One that has ended stays in the table until its new parent has reaped it.
    private static bool IsRunning(string processId)
    {
        try
        {
            return File.ReadAllLines($"/proc/{processId}/status").Any(static line => line.StartsWith("State:", StringComparison.Ordinal) && !line.Contains('Z', StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false;
        }
    }
}
