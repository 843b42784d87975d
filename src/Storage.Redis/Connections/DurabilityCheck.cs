using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace SlimtaFast.Storage.Redis.Connections;

/// <summary>Tells an operator, at start, where the servers are set up so that they would lose what clients were promised.</summary>
internal static class DurabilityCheck
{
    /// <summary>Asks each server that takes changes, and logs a warning for each setting that loses mail.</summary>
    public static async Task RunAsync(RedisConnection redis, int replicas, ILogger logger)
    {
        foreach (EndPoint endPoint in redis.Multiplexer.GetEndPoints())
        {
            IServer server = redis.Multiplexer.GetServer(endPoint);
            if (!server.IsConnected || server.IsReplica || server.ServerType == ServerType.Sentinel)
                continue;
            try
            {
                await CheckAsync(server, endPoint, replicas, logger).ConfigureAwait(false);
            }
            catch (Exception trouble) when (RedisFault.IsKnown(trouble))
            {
                RedisLog.DurabilityUnknown(logger, endPoint, trouble.Message);
            }
        }
    }

    private static async Task CheckAsync(IServer server, EndPoint endPoint, int replicas, ILogger logger)
    {
        string? appendOnly = await ConfigAsync(server, "appendonly").ConfigureAwait(false);
        string? flush = await ConfigAsync(server, "appendfsync").ConfigureAwait(false);
        string? memory = await ConfigAsync(server, "maxmemory").ConfigureAwait(false);
        string? eviction = await ConfigAsync(server, "maxmemory-policy").ConfigureAwait(false);
        if (appendOnly != "yes")
            RedisLog.NotDurable(logger, endPoint, "it keeps no append-only file (appendonly no): a crash loses what came since the last snapshot");
        else if (flush != "always")
            RedisLog.NotDurable(logger, endPoint, $"appendfsync is {flush}: a power cut loses what was acknowledged last; 'always' loses nothing");
        if (memory is not (null or "0") && eviction != "noeviction")
            RedisLog.NotDurable(logger, endPoint, $"maxmemory-policy is {eviction}: when memory is short it deletes mail; use noeviction");
        string info = (await server.ExecuteAsync("INFO", "replication").ConfigureAwait(false)).ToString();
        int connected = ReadReplicas(info);
        if (connected > replicas)
            RedisLog.FailoverLoses(logger, endPoint, connected, replicas);
    }

    private static async Task<string?> ConfigAsync(IServer server, string name)
    {
        RedisResult[]? pair = (RedisResult[]?)await server.ExecuteAsync("CONFIG", "GET", name).ConfigureAwait(false);
        return pair is { Length: >= 2 } ? pair[1].ToString() : null;
    }

    private static int ReadReplicas(string info)
    {
        const string Field = "connected_slaves:";
        int at = info.IndexOf(Field, StringComparison.Ordinal);
        if (at < 0)
            return 0;
        ReadOnlySpan<char> text = info.AsSpan(at + Field.Length);
        int end = text.IndexOfAny('\r', '\n');
        return int.TryParse(end < 0 ? text : text[..end], NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 0;
    }
}
