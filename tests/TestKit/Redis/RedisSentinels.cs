using System.Globalization;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.TestKit.Redis;

/// <summary>A real master with a replica, and three Sentinels that watch them, on free loopback ports.</summary>
public sealed class RedisSentinels : IAsyncDisposable
{
    /// <summary>The name under which the Sentinels know the master.</summary>
    public const string Service = "mail";

    private const int Sentinels = 3;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly List<RunningProgram> _sentinels = [];

    private RedisSentinels()
    {
    }

    /// <summary>The first master.</summary>
    public RedisProgram Master { get; private set; } = null!;

    /// <summary>Its replica.</summary>
    public RedisProgram Replica { get; private set; } = null!;

    /// <summary>Where the Sentinels listen on 127.0.0.1.</summary>
    public List<int> Ports { get; } = [];

    /// <summary>Starts all of it, and waits until the Sentinels could do their work.</summary>
    public static async Task<RedisSentinels> StartAsync()
    {
        var all = new RedisSentinels();
        try
        {
            await all.OpenAsync();
            return all;
        }
        catch
        {
            await all.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (RunningProgram sentinel in _sentinels)
            await sentinel.DisposeAsync();
        if (Replica is not null)
            await Replica.DisposeAsync();
        if (Master is not null)
            await Master.DisposeAsync();
        _folder.Dispose();
    }

    private async Task OpenAsync()
    {
        Master = await RedisProgram.StartAsync("--repl-diskless-sync-delay", "0");
        string masterPort = Master.Port.ToString(CultureInfo.InvariantCulture);
        Replica = await RedisProgram.StartAsync("--replicaof", "127.0.0.1", masterPort);
        using var end = new CancellationTokenSource(Limit);
        while (!(await Replica.RunAsync("info", "replication")).Contains("master_link_status:up", StringComparison.Ordinal))
            await Task.Delay(50, end.Token);
        for (int i = 0; i < Sentinels; i++)
            _sentinels.Add(StartSentinel(i, masterPort));
        foreach (int port in Ports)
        {
            while (!await HasQuorumAsync(port))
                await Task.Delay(100, end.Token);
        }
    }

    private RunningProgram StartSentinel(int number, string masterPort)
    {
        int port = RunningProgram.FreePort();
        Ports.Add(port);
        string file = Path.Combine(_folder.Path, string.Create(CultureInfo.InvariantCulture, $"sentinel-{number}.conf"));
        File.WriteAllText(
            file,
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                bind 127.0.0.1
                port {port}
                dir {_folder.Path}
                sentinel monitor {Service} 127.0.0.1 {masterPort} 2
                sentinel down-after-milliseconds {Service} 1000
                sentinel failover-timeout {Service} 5000
                sentinel parallel-syncs {Service} 1

                """));
        return RunningProgram.Start("redis-server", [file, "--sentinel"]);
    }

    private static async Task<bool> HasQuorumAsync(int port)
    {
        (int code, string output) = await RunningProgram.RunAsync("redis-cli", ["-p", port.ToString(CultureInfo.InvariantCulture), "sentinel", "ckquorum", Service]);
        return code == 0 && output.Contains("OK 3 usable", StringComparison.Ordinal);
    }
}
