using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace SlimtaFast.TestKit.Processes;

/// <summary>A real program that a test started: its output is collected, and it is stopped by its own id.</summary>
public sealed partial class RunningProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly SemaphoreSlim _newLine = new(0);
    private int _disposed;

    private RunningProgram(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => Add(e.Data);
        process.ErrorDataReceived += (_, e) => Add(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>True once it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>All output so far, both streams.</summary>
    public string Output => string.Join('\n', _lines);

    /// <summary>Starts a program with arguments that no shell sees.</summary>
    public static RunningProgram Start(string program, IEnumerable<string> arguments, string? folder = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder ?? "",
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            info.Environment[name] = value;
        return new RunningProgram(Process.Start(info) ?? throw new InvalidOperationException($"{program} did not start"));
    }

    /// <summary>Runs a program to its end and returns its exit code and output.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string program, IEnumerable<string> arguments, string? input = null, TimeSpan? limit = null)
    {
        await using RunningProgram running = Start(program, arguments);
        if (input is not null)
            await running._process.StandardInput.WriteAsync(input);
        running._process.StandardInput.Close();
        int code = await running.WaitForExitAsync(limit ?? TimeSpan.FromSeconds(60));
        return (code, running.Output);
    }

    /// <summary>A port of the loopback address that nobody uses at the moment.</summary>
    public static int FreePort() => LoopbackPorts.Take();

    /// <summary>Waits until a line of output matches, and returns it; fails with all output when the program ends or the time is over.</summary>
    public async Task<string> WaitForLineAsync(Func<string, bool> match, TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            if (_lines.FirstOrDefault(match) is { } line)
                return line;
            TimeSpan left = limit - Stopwatch.GetElapsedTime(start);
            if (left > TimeSpan.Zero && _process.HasExited)
            {
                // Which is when its streams are at their end, too.
                await WaitForExitAsync(left);
                if (_lines.FirstOrDefault(match) is { } last)
                    return last;
                left = TimeSpan.Zero;
            }

            if (left <= TimeSpan.Zero)
                throw new TimeoutException($"The line did not come. Exited: {_process.HasExited}. Output:\n{Output}");
            await _newLine.WaitAsync(TimeSpan.FromMilliseconds(Math.Min(250, Math.Max(1, left.TotalMilliseconds))));
        }
    }

    /// <summary>Waits until something accepts connections on a loopback port.</summary>
    public async Task WaitForPortAsync(int port, TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (Stopwatch.GetElapsedTime(start) < limit && !_process.HasExited)
            {
                await _newLine.WaitAsync(TimeSpan.FromMilliseconds(20));
            }
            catch (SocketException nothing)
            {
                throw new TimeoutException($"Nothing listens on port {port}. Exited: {_process.HasExited}. Output:\n{Output}", nothing);
            }
        }
    }

    /// <summary>Waits for the end and returns the exit code; kills the program and fails when the time is over.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan limit)
    {
        using var cancel = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(cancel.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{_process.StartInfo.FileName} did not end within {limit}. Output:\n{Output}");
        }

        return _process.ExitCode;
    }

    /// <summary>Writes to its standard input.</summary>
    public async Task WriteAsync(string text)
    {
        await _process.StandardInput.WriteAsync(text);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Ends its standard input.</summary>
    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>Sends a signal.</summary>
    public void Signal(PosixSignal signal) => Send(signal switch
    {
        PosixSignal.SIGTERM => 15,
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGHUP => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(signal), signal.ToString()),
    });

    /// <summary>Ends it as a crash would: SIGKILL, nothing is flushed.</summary>
    public void Kill() => Send(9);

    /// <summary>Stops it where it is (SIGSTOP): it does nothing more until <see cref="Thaw()"/>, and cannot notice that.</summary>
    public void Freeze() => Send(19);

    /// <summary>Lets it go on (SIGCONT).</summary>
    public void Thaw() => Send(18);

    /// <summary>The same for a process that a started program started.</summary>
    public static void Freeze(int id) => Send(id, 19);

    /// <summary>The same for a process that a started program started.</summary>
    public static void Thaw(int id) => Send(id, 18);

    /// <summary>Asks it to stop (SIGTERM) and returns the exit code.</summary>
    public async Task<int> StopAsync(TimeSpan? limit = null)
    {
        if (!_process.HasExited)
            Signal(PosixSignal.SIGTERM);
        return await WaitForExitAsync(limit ?? TimeSpan.FromSeconds(30));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _newLine.Dispose();
    }

    private void Send(int signal) => Send(_process.Id, signal);

    private static void Send(int id, int signal)
    {
        if (SystemKill(id, signal) != 0)
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"Signal {signal} could not be sent to {id}."));
    }

    private void Add(string? line)
    {
        if (line is null)
            return;
        _lines.Enqueue(line);
        _newLine.Release();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SystemKill(int pid, int signal);
}
