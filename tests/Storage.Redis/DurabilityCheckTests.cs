using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Redis;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Redis.Tests;

/// <summary>What the storage says at start of a server that would lose mail, or that it may not ask; and servers that are full or foreign.</summary>
public sealed class DurabilityCheckTests
{
    [FullFact("redis-server", "redis-cli")]
    public async Task Server_that_flushes_every_write_is_worth_no_warning() => Assert.Empty(await WarningsAsync());

    [FullFact("redis-server", "redis-cli")]
    public async Task Server_without_an_append_only_file_is_warned_of() =>
        Assert.Contains("appendonly no", Assert.Single(await WarningsAsync("--appendonly", "no")), StringComparison.Ordinal);

    [FullFact("redis-server", "redis-cli")]
    public async Task Server_that_flushes_now_and_then_is_warned_of() =>
        Assert.Contains("appendfsync is everysec", Assert.Single(await WarningsAsync("--appendfsync", "everysec")), StringComparison.Ordinal);

    [FullFact("redis-server", "redis-cli")]
    public async Task Server_that_deletes_mail_for_want_of_memory_is_warned_of() =>
        Assert.Contains("allkeys-lru", Assert.Single(await WarningsAsync("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")), StringComparison.Ordinal);

    [FullFact("redis-server", "redis-cli")]
    public async Task User_with_no_more_than_the_documented_rights_can_do_everything()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync();
        await redis.RunAsync("acl", "setuser", "mail", "on", ">secret", "~slimta:*", "&slimta:*", "+@read", "+@write", "+@scripting", "+@pubsub", "+@connection", "+multi", "+exec", "+time", "+info", "+config|get");
        var log = new ListLogger();
        await using var storage = new RedisStorage(Options(redis) with { UserName = "mail", Password = "secret" }, TimeProvider.System, log);
        await storage.StartAsync(CancellationToken.None);
        await storage.Rebuilding;
        QueueItem item = Envelopes.MakeItem(Contents.InMemory(new byte[200_000]));
        await storage.WriteAsync([item], CancellationToken.None);
        item.Envelope.Content.Release();
        QueueItem read = (await storage.ReadAsync(item.Envelope.Id, CancellationToken.None))!;
        Assert.Equal(200_000, (await Contents.ReadAllAsync(read.Envelope.Content)).Length);
        read.Envelope.Content.Release();
        ClaimedItem claimed = Assert.Single((await storage.ClaimDueAsync(10, TimeSpan.FromMinutes(1), CancellationToken.None)).Items);
        Assert.True(await storage.RemoveAsync(claimed.Lease, CancellationToken.None));
        Assert.Empty(log.Warnings);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task User_that_may_not_ask_is_told_so()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync();
        await redis.RunAsync("acl", "setuser", "mail", "on", ">secret", "~slimta:*", "&slimta:*", "+@read", "+@write", "+@scripting", "+@pubsub", "+@connection", "+multi", "+exec", "+time");
        var log = new ListLogger();
        await using var storage = new RedisStorage(Options(redis) with { UserName = "mail", Password = "secret" }, TimeProvider.System, log);
        await storage.StartAsync(CancellationToken.None);
        Assert.Contains("could not be found out", Assert.Single(log.Warnings), StringComparison.Ordinal);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Server_without_memory_is_full_and_takes_mail_again_when_it_has_some()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync("--maxmemory", "1mb", "--maxmemory-policy", "noeviction");
        await using var storage = new RedisStorage(Options(redis), TimeProvider.System);
        await storage.StartAsync(CancellationToken.None);
        QueueItem item = Envelopes.MakeItem(Contents.InMemory(new byte[50_000]));
        StorageException failure = await Assert.ThrowsAsync<StorageException>(async () => await storage.WriteAsync([item], CancellationToken.None));
        Assert.Equal(StorageFailure.Full, failure.Failure);
        Assert.False(storage.GetInfo().AcceptsNew);
        await redis.RunAsync("config", "set", "maxmemory", "0");
        await storage.WriteAsync([item], CancellationToken.None);
        item.Envelope.Content.Release();
        Assert.True(storage.GetInfo().AcceptsNew);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task What_is_queued_leaves_a_server_without_memory()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync("--maxmemory-policy", "noeviction");
        await using var storage = new RedisStorage(Options(redis), TimeProvider.System);
        await storage.StartAsync(CancellationToken.None);
        await storage.Rebuilding;
        var items = new List<QueueItem>();
        for (int i = 0; i < 4; i++)
        {
            items.Add(Envelopes.MakeItem(Contents.InMemory()));
            await storage.WriteAsync([items[i]], CancellationToken.None);
        }

        await redis.RunAsync("config", "set", "maxmemory", "1");
        StorageException failure = await Assert.ThrowsAsync<StorageException>(async () => await storage.WriteAsync([Envelopes.MakeItem(Contents.InMemory())], CancellationToken.None));
        Assert.Equal(StorageFailure.Full, failure.Failure);
        failure = await Assert.ThrowsAsync<StorageException>(async () => await storage.WriteAsync(
            [Envelopes.MakeItem(Contents.InMemory()), Envelopes.MakeItem(Contents.InMemory())], CancellationToken.None));
        Assert.Equal(StorageFailure.Full, failure.Failure);
        var lease = TimeSpan.FromMinutes(1);
        QueueLease[] held = [.. (await storage.ClaimDueAsync(10, lease, CancellationToken.None)).Items.Select(static item => item.Lease)];
        Assert.Equal(4, held.Length);
        Assert.Empty((await storage.RenewAsync(held, lease, CancellationToken.None)).Lost);
        await storage.ReleaseAsync([new LeaseRelease(held[0], DateTimeOffset.MinValue)], CancellationToken.None);
        Assert.Equal(held[0].Id, Assert.Single((await storage.ClaimDueAsync(10, lease, CancellationToken.None)).Items).Entry.Id);
        DeliveryState later = items.Single(item => item.Envelope.Id == held[1].Id).State with { Version = 1, Attempts = 1, DueAt = DateTimeOffset.UtcNow.AddHours(1) };
        Assert.True(await storage.UpdateAsync(held[1], later, [Envelopes.MakeItem(Contents.InMemory())], lease, CancellationToken.None));
        Assert.True(await storage.RemoveAsync(held[2], CancellationToken.None));
        await storage.RemoveAsync(held[3].Id, CancellationToken.None);
        Assert.Equal(3, storage.GetInfo().Items);
    }

    [Fact]
    public async Task Server_that_is_not_there_is_told_at_start()
    {
        await using var storage = new RedisStorage(
            new RedisStorageOptions { Servers = [KeyValuePair.Create("127.0.0.1", SlimtaFast.TestKit.Processes.RunningProgram.FreePort())], Timeout = TimeSpan.FromMilliseconds(500) }, TimeProvider.System);
        StorageException failure = await Assert.ThrowsAsync<StorageException>(() => storage.StartAsync(CancellationToken.None));
        Assert.Equal(StorageFailure.Unavailable, failure.Failure);
        Assert.Contains("cannot be reached", failure.Message, StringComparison.Ordinal);
    }

    private static RedisStorageOptions Options(RedisProgram redis) => new() { Servers = [KeyValuePair.Create("127.0.0.1", redis.Port)] };

    private static async Task<IReadOnlyCollection<string>> WarningsAsync(params string[] options)
    {
        await using RedisProgram redis = await RedisProgram.StartAsync(options);
        var log = new ListLogger();
        await using var storage = new RedisStorage(Options(redis), TimeProvider.System, log);
        await storage.StartAsync(CancellationToken.None);
        return log.Warnings;
    }

    private sealed class ListLogger : ILogger<RedisStorage>
    {
        private readonly ConcurrentQueue<string> _warnings = new();

        public IReadOnlyCollection<string> Warnings => _warnings;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Warning)
                _warnings.Enqueue(formatter(state, exception));
        }
    }
}
