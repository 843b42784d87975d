using System.Globalization;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.TestKit.Redis;

/// <summary>A real cluster of three masters on free loopback ports.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Masters = 3;

    // Nodes talk to each other at their port and this.
    private const int BusDistance = 10_000;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly List<RedisProgram> _nodes = [];

    /// <summary>The masters.</summary>
    public IReadOnlyList<RedisProgram> Nodes => _nodes;

    /// <summary>Starts the nodes and makes a cluster of them.</summary>
    public static async Task<RedisCluster> StartAsync()
    {
        var cluster = new RedisCluster();
        try
        {
            for (int i = 0; i < Masters; i++)
                cluster._nodes.Add(await RedisProgram.StartAtAsync(LoopbackPorts.TakeWith(BusDistance), "--cluster-enabled", "yes", "--cluster-node-timeout", "5000"));
            string[] addresses = [.. cluster._nodes.Select(static node => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{node.Port}"))];
            (int code, string output) = await RunningProgram.RunAsync("redis-cli", ["--cluster", "create", .. addresses, "--cluster-replicas", "0", "--cluster-yes"]);
            if (code != 0)
                throw new InvalidOperationException($"No cluster came about: {output}");
            using var end = new CancellationTokenSource(Limit);
            foreach (RedisProgram node in cluster._nodes)
            {
                while (!(await node.RunAsync("cluster", "info")).Contains("cluster_state:ok", StringComparison.Ordinal))
                    await Task.Delay(50, end.Token);
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (RedisProgram node in _nodes)
            await node.DisposeAsync();
    }
}
