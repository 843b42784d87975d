using System.Globalization;
using System.Text.RegularExpressions;
using SlimtaFast.Mail;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Redis;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Redis.Tests.Items;

/// <summary>Items that come while others are on their way are written together.</summary>
public sealed partial class GroupedWritesTests
{
    private const int Messages = 50;
    private const int Large = 10 * 1024;

    [FullFact("redis-server", "redis-cli")]
    public async Task Items_that_come_while_one_is_on_its_way_go_together_and_one_that_is_given_up_stays_behind()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync();
        await using var storage = new RedisStorage(
            new RedisStorageOptions { Servers = [KeyValuePair.Create("127.0.0.1", redis.Port)], Lanes = 1, Timeout = TimeSpan.FromSeconds(60) }, TimeProvider.System);
        await storage.StartAsync(CancellationToken.None);
        await storage.Rebuilding;
        QueueItem first = Envelopes.MakeItem(Contents.InMemory());
        await storage.WriteAsync([first], CancellationToken.None);
        first.Envelope.Content.Release();
        long before = await CountScriptsAsync(redis);

        redis.Freeze();
        using var givenUp = new CancellationTokenSource();
        QueueItem[] items = [.. Enumerable.Range(0, Messages).Select(static i => Envelopes.MakeItem(Contents.InMemory(new byte[i * 100])))];
        Task[] writes = [.. items.Select((item, i) => storage.WriteAsync([item], i == Messages / 2 ? givenUp.Token : CancellationToken.None).AsTask())];
        await givenUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writes[Messages / 2]);
        redis.Thaw();
        await Task.WhenAll(writes.Where((_, i) => i != Messages / 2));
        foreach (QueueItem item in items)
            item.Envelope.Content.Release();

        // The first alone, all others behind it.
        Assert.Equal(before + 2, await CountScriptsAsync(redis));
        Assert.Equal(Messages.ToString(CultureInfo.InvariantCulture), await redis.RunAsync("zcard", "slimta:due"));
        Assert.Null(await storage.ReadAsync(items[Messages / 2].Envelope.Id, CancellationToken.None));
        for (int i = 0; i < Messages; i++)
        {
            if (i == Messages / 2)
                continue;
            QueueItem read = (await storage.ReadAsync(items[i].Envelope.Id, CancellationToken.None))!;
            Assert.Equal(i * 100, read.Envelope.Content.Length);
            read.Envelope.Content.Release();
        }
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task A_content_goes_ahead_of_its_script_in_one_step_with_it()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync();
        await using RedisStorage storage = await StartAsync(redis);
        await WriteAsync(storage, Large);

        await WriteAsync(storage, Large);
        string told = await redis.RunAsync("info", "commandstats");
        Assert.Contains("cmdstat_set:", told, StringComparison.Ordinal);
        Assert.Contains("cmdstat_exec:", told, StringComparison.Ordinal);
        Assert.Equal("2", await redis.RunAsync("zcard", "slimta:due"));
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task A_server_that_forgot_its_scripts_is_written_to_all_the_same()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync();
        await using RedisStorage storage = await StartAsync(redis);
        await WriteAsync(storage, Large);
        await redis.RunAsync("script", "flush");

        QueueId id = await WriteAsync(storage, Large);
        await AssertReadAsync(storage, id, Large);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task A_user_who_may_not_begin_transactions_writes_all_the_same()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync();
        await redis.RunAsync("acl", "setuser", "mail", "on", ">secret", "~*", "&*", "+@all", "-multi", "-exec");
        await using RedisStorage storage = await StartAsync(redis, new RedisStorageOptions { Servers = [KeyValuePair.Create("127.0.0.1", redis.Port)], UserName = "mail", Password = "secret" });

        for (int i = 0; i < 3; i++)
            await AssertReadAsync(storage, await WriteAsync(storage, Large), Large);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task A_server_without_memory_refuses_as_full_and_keeps_nothing_of_it()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync();
        await using RedisStorage storage = await StartAsync(redis);
        await WriteAsync(storage, Large);
        await redis.RunAsync("config", "set", "maxmemory", "1");

        StorageException refused = await Assert.ThrowsAsync<StorageException>(() => WriteAsync(storage, Large));
        Assert.Equal(StorageFailure.Full, refused.Failure);

        // The item, its body, and the due times.
        Assert.Equal("3", await redis.RunAsync("dbsize"));
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task One_that_cannot_be_written_refuses_its_group_and_leaves_nothing_of_the_others()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync();
        await using RedisStorage storage = await StartAsync(redis, new RedisStorageOptions { Servers = [KeyValuePair.Create("127.0.0.1", redis.Port)], Lanes = 1, Timeout = TimeSpan.FromSeconds(60) });
        await WriteAsync(storage, Large);
        QueueItem[] items = [.. Enumerable.Range(0, 4).Select(static _ => Envelopes.MakeItem(Contents.InMemory(new byte[Large])))];
        await redis.RunAsync("set", $"slimta:{items[2].Envelope.Id}", "something of somebody else's");

        redis.Freeze();
        Task[] writes = [.. items.Select(item => storage.WriteAsync([item], CancellationToken.None).AsTask())];
        redis.Thaw();
        await writes[0];
        foreach (Task write in writes[1..])
            await Assert.ThrowsAsync<StorageException>(() => write);
        foreach (QueueItem item in items)
            item.Envelope.Content.Release();

        // Two items and their bodies, the due times, and the foreign key.
        Assert.Equal("6", await redis.RunAsync("dbsize"));
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task What_a_write_that_was_not_done_left_goes_at_the_next_start()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync();
        await redis.RunAsync("set", $"slimta:body:{Envelopes.NewId()}", "of nobody");
        await redis.RunAsync("set", "slimta:body:another", "of another program");
        QueueId id;
        await using (RedisStorage before = await StartAsync(redis))
        {
            await WriteAsync(before, Large);
            id = await WriteAsync(before, Large);
            Assert.Equal("6", await redis.RunAsync("dbsize"));
        }

        await redis.RunAsync("set", $"slimta:body:{Envelopes.NewId()}", "of nobody");
        await using RedisStorage storage = await StartAsync(redis);
        Assert.Equal("6", await redis.RunAsync("dbsize"));
        await AssertReadAsync(storage, id, Large);
        await storage.RemoveAsync(id, CancellationToken.None);
        Assert.Equal("4", await redis.RunAsync("dbsize"));
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Withdrawal_waits_for_a_write_that_is_sent_once_more()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync();
        await using RedisStorage storage = await StartAsync(redis, new RedisStorageOptions { Servers = [KeyValuePair.Create("127.0.0.1", redis.Port)], Timeout = TimeSpan.FromSeconds(60) });
        await WriteAsync(storage, Large);
        for (int i = 0; i < 20; i++)
        {
            // The transaction finds no script, so that the write is sent again, by when its writer has given up.
            await redis.RunAsync("script", "flush");
            QueueItem item = Envelopes.MakeItem(Contents.InMemory(new byte[Large]));
            using var givenUp = new CancellationTokenSource();
            redis.Freeze();
            Task write = storage.WriteAsync([item], givenUp.Token).AsTask();
            await givenUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
            Task removal = storage.RemoveAsync(item.Envelope.Id, CancellationToken.None).AsTask();
            redis.Thaw();
            await removal;
            item.Envelope.Content.Release();
            Assert.Equal("1", await redis.RunAsync("zcard", "slimta:due"));
        }
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Items_of_one_write_may_be_more_than_a_command_of_a_script_takes()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync();
        await using RedisStorage storage = await StartAsync(redis);
        MessageContent content = Contents.InMemory(new byte[100]);
        QueueItem[] items = [.. Enumerable.Range(0, 5001).Select(_ => Envelopes.MakeItem(content))];
        for (int times = 0; times < 2; times++)
        {
            await storage.WriteAsync(items, CancellationToken.None);
            Assert.Equal("5001", await redis.RunAsync("zcard", "slimta:due"));
            Assert.Equal(5001, storage.GetInfo().Items);
        }

        foreach (QueueItem item in (QueueItem[])[items[0], items[500], items[^1]])
            await AssertReadAsync(storage, item.Envelope.Id, 100);
        content.Release();
    }

    private static async Task<RedisStorage> StartAsync(RedisProgram redis, RedisStorageOptions? options = null)
    {
        var storage = new RedisStorage(options ?? new RedisStorageOptions { Servers = [KeyValuePair.Create("127.0.0.1", redis.Port)] }, TimeProvider.System);
        await storage.StartAsync(CancellationToken.None);
        await storage.Rebuilding;
        return storage;
    }

    private static async Task<QueueId> WriteAsync(RedisStorage storage, int octets)
    {
        QueueItem item = Envelopes.MakeItem(Contents.InMemory(new byte[octets]));
        try
        {
            await storage.WriteAsync([item], CancellationToken.None);
        }
        finally
        {
            item.Envelope.Content.Release();
        }

        return item.Envelope.Id;
    }

    private static async Task AssertReadAsync(RedisStorage storage, QueueId id, int octets)
    {
        QueueItem read = (await storage.ReadAsync(id, CancellationToken.None))!;
        Assert.Equal(octets, read.Envelope.Content.Length);
        read.Envelope.Content.Release();
    }

    private static async Task<long> CountScriptsAsync(RedisProgram redis) =>
        long.Parse(Scripts().Match(await redis.RunAsync("info", "commandstats")).Groups[1].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"cmdstat_evalsha:calls=(\d+)")]
    private static partial Regex Scripts();
}
