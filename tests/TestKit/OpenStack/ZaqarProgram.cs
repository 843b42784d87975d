using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Redis;

namespace SlimtaFast.TestKit.OpenStack;

/// <summary>A real OpenStack Zaqar that keeps its messages in a Redis of its own, on a free loopback port, without authentication.</summary>
public sealed class ZaqarProgram : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // Debian's package lacks the two scripts of this store.
    private const string Launcher = """
        import os, sys, zaqar.storage.redis.scripting as s
        d = os.environ['ZAQAR_LUA']
        s._read_script = lambda n: open(os.path.join(d, n + '.lua')).read()
        from zaqar.cmd.server import run
        sys.exit(run())
        """;

    private const string IndexScript = """
        local set, counter = KEYS[1], KEYS[2]
        for n = 2, #ARGV do redis.call('ZADD', set, redis.call('INCR', counter), ARGV[n]) end
        """;

    private const string ClaimScript = """
        local now, max = tonumber(ARGV[1]), tonumber(ARGV[2])
        local taken = {}
        for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
          if #taken >= max then break end
          local f = redis.call('HMGET', id, 'c', 'c.e', 'e')
          if not f[3] then redis.call('ZREM', KEYS[1], id)
          elseif f[1] == '' or not f[1] or tonumber(f[2] or '0') <= now then
            redis.call('HSET', id, 'c', ARGV[3], 'c.e', ARGV[4])
            if tonumber(f[3]) < tonumber(ARGV[4]) then redis.call('HSET', id, 't', ARGV[5], 'e', ARGV[6]) end
            taken[#taken + 1] = id
          end
        end
        return taken
        """;

    private readonly TemporaryFolder _folder = new();
    private RedisProgram? _redis;
    private RunningProgram? _program;

    private ZaqarProgram(int port) => Port = port;

    /// <summary>The programs that it needs.</summary>
    public static string[] Programs => ["/usr/bin/zaqar-server", "/usr/bin/python3", "redis-server", "redis-cli"];

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Its address.</summary>
    public Uri Url => new($"http://127.0.0.1:{Port}");

    /// <summary>Starts one.</summary>
    public static async Task<ZaqarProgram> StartAsync()
    {
        var zaqar = new ZaqarProgram(RunningProgram.FreePort());
        try
        {
            await zaqar.StartServersAsync();
            return zaqar;
        }
        catch
        {
            await zaqar.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_program is not null)
            await _program.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
        _folder.Dispose();
    }

    private async Task StartServersAsync()
    {
        _redis = await RedisProgram.StartAsync();
        await File.WriteAllTextAsync(_folder["zq.py"], Launcher);
        await File.WriteAllTextAsync(_folder["index_messages.lua"], IndexScript);
        await File.WriteAllTextAsync(_folder["claim_messages.lua"], ClaimScript);
        await File.WriteAllTextAsync(
            _folder["zaqar.conf"],
            $"""
            [DEFAULT]
            auth_strategy =
            unreliable = true
            admin_mode = true
            enable_deprecated_api_versions = 1,1.1
            log_file = {_folder["zaqar.log"]}
            [drivers]
            transport = wsgi
            message_store = redis
            management_store = redis
            [drivers:transport:wsgi]
            bind = 127.0.0.1
            port = {Port}
            [drivers:message_store:redis]
            uri = redis://127.0.0.1:{_redis.Port}?db=1
            [drivers:management_store:redis]
            uri = redis://127.0.0.1:{_redis.Port}?db=2
            [oslo_policy]
            policy_dirs = /etc/zaqar/policy.d
            [signed_url]
            secret_key = s3cr3t
            """);
        _program = RunningProgram.Start(
            "/usr/bin/python3",
            [_folder["zq.py"], "--config-file", _folder["zaqar.conf"]],
            null,
            new Dictionary<string, string> { ["ZAQAR_LUA"] = _folder.Path });
        await _program.WaitForPortAsync(Port, Limit);
    }
}
