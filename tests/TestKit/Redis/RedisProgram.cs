using System.Globalization;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.TestKit.Redis;

/// <summary>A real Redis on a free loopback port, with its data in a temporary folder.</summary>
public sealed class RedisProgram : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly string[] _options;
    private RunningProgram? _program;

    private RedisProgram(int port, string[] options)
    {
        Port = port;
        _options = options;
    }

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Starts one that flushes every write; further options as on its command line.</summary>
    public static Task<RedisProgram> StartAsync(params string[] options) => StartAtAsync(RunningProgram.FreePort(), options);

    /// <summary>The same on a port of the caller's choice.</summary>
    public static async Task<RedisProgram> StartAtAsync(int port, params string[] options)
    {
        var redis = new RedisProgram(port, options);
        try
        {
            await redis.StartAgainAsync();
            return redis;
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a replica of it; ends when that one has what it has.</summary>
    public async Task<RedisProgram> StartReplicaAsync()
    {
        RedisProgram replica = await StartAsync("--replicaof", "127.0.0.1", Port.ToString(CultureInfo.InvariantCulture));
        using var end = new CancellationTokenSource(Limit);
        while (!(await replica.RunAsync("info", "replication")).Contains("master_link_status:up", StringComparison.Ordinal))
            await Task.Delay(20, end.Token);
        return replica;
    }

    /// <summary>Starts it with the data that it had when it was killed.</summary>
    public async Task StartAgainAsync()
    {
        _program = RunningProgram.Start(
            "redis-server",
            [
                "--bind", "127.0.0.1", "--port", Port.ToString(CultureInfo.InvariantCulture), "--dir", _folder.Path,
                "--appendonly", "yes", "--appendfsync", "always", "--save", "", .. _options,
            ]);
        await _program.WaitForLineAsync(static line => line.Contains("Ready to accept connections", StringComparison.Ordinal), Limit);
    }

    /// <summary>Kills it.</summary>
    public async Task KillAsync()
    {
        if (_program is not null)
            await _program.DisposeAsync();
        _program = null;
    }

    /// <summary>Stops it where it is, its connections open, until <see cref="Thaw"/>.</summary>
    public void Freeze() => _program!.Freeze();

    /// <summary>Lets it go on.</summary>
    public void Thaw() => _program!.Thaw();

    /// <summary>Runs a command of <c>redis-cli</c> and returns what it prints.</summary>
    public async Task<string> RunAsync(params string[] command)
    {
        (int code, string output) = await RunningProgram.RunAsync("redis-cli", ["-p", Port.ToString(CultureInfo.InvariantCulture), .. command]);
        return code == 0 ? output.Trim() : throw new InvalidOperationException($"redis-cli {string.Join(' ', command)}: {output}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Dispose();
    }
}
