using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Redis;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Lookup.Redis.Tests;

/// <summary>Look-ups in a real Redis, and in one that is not there.</summary>
public sealed class RedisLookupTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [FullFact("redis-server", "redis-cli")]
    public async Task Value_is_found_whatever_the_case_of_the_key()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync();
        await redis.RunAsync("-n", "3", "set", "slimta:rcpt:a@example.org", "450 4.2.1 Full äöü");
        await using var lookup = new RedisLookup(Options(redis.Port) with { Database = 3, Prefix = "slimta:rcpt:", Timeout = Patience }, TimeProvider.System);

        Assert.Equal("450 4.2.1 Full äöü", await lookup.FindAsync("A@Example.ORG", CancellationToken.None));
        Assert.Null(await lookup.FindAsync("b@example.org", CancellationToken.None));
        Assert.Equal("accept", await AcceptAsync(redis, lookup));
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Lost_server_is_no_answer_and_comes_back_by_itself()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync();
        await redis.RunAsync("set", "k", "v");
        await using var lookup = new RedisLookup(Options(redis.Port), TimeProvider.System);
        Assert.Equal("v", await lookup.FindAsync("k", CancellationToken.None));

        await redis.KillAsync();
        await Assert.ThrowsAsync<LookupException>(async () => await lookup.FindAsync("k", CancellationToken.None));
        await redis.StartAgainAsync();

        using var limit = new CancellationTokenSource(Patience);
        Assert.Equal("v", await FindAtLastAsync(lookup, "k", limit.Token));
    }

    [Fact]
    public async Task Server_that_never_was_there_is_no_answer()
    {
        await using var lookup = new RedisLookup(Options(RunningProgram.FreePort()) with { Timeout = TimeSpan.FromMilliseconds(500) }, TimeProvider.System);
        for (int i = 0; i < 2; i++)
            await Assert.ThrowsAsync<LookupException>(async () => await lookup.FindAsync("k", CancellationToken.None));
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task User_and_password_are_given_and_a_wrong_one_is_no_answer()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync("--user", "default", "off", "--user", "mail", "on", ">secret", "~*", "+get", "+ping", "+info", "+client", "+echo");
        await using var right = new RedisLookup(Options(redis.Port) with { UserName = "mail", Password = "secret", Timeout = Patience }, TimeProvider.System);
        await using var wrong = new RedisLookup(Options(redis.Port) with { UserName = "mail", Password = "guess" }, TimeProvider.System);

        Assert.Null(await right.FindAsync("k", CancellationToken.None));
        await Assert.ThrowsAsync<LookupException>(async () => await wrong.FindAsync("k", CancellationToken.None));
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Look_up_of_another_kind_of_value_fails()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync();
        await redis.RunAsync("sadd", "k", "v");
        await using var lookup = new RedisLookup(Options(redis.Port), TimeProvider.System);

        await Assert.ThrowsAsync<LookupException>(async () => await lookup.FindAsync("k", CancellationToken.None));
    }

    private static RedisLookupOptions Options(int port) => new() { Host = "127.0.0.1", Port = port };

    private static async Task<string?> AcceptAsync(RedisProgram redis, RedisLookup lookup)
    {
        await redis.RunAsync("-n", "3", "set", "slimta:rcpt:example.org", "accept");
        return await new AddressLookup(lookup).FindAsync("anybody@example.org", CancellationToken.None);
    }

    // Until the connection is made again; each try takes as long as a look-up may.
    private static async Task<string?> FindAtLastAsync(RedisLookup lookup, string key, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await lookup.FindAsync(key, cancellationToken);
            }
            catch (LookupException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }
    }
}
