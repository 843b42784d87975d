using System.Globalization;
using SlimtaFast.Mail;
using SlimtaFast.Queue;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Redis;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Redis.Tests.Faults;

/// <summary>Connections that end after a script was sent: nobody knows whether it ran.</summary>
public sealed class LostAnswerTests(RedisFixture fixture) : IClassFixture<RedisFixture>
{
    private const int LargeOctets = 200_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    [FullFact("redis-server", "redis-cli")]
    public async Task Write_whose_answer_is_lost_is_possibly_stored()
    {
        await using var proxy = new CuttingProxy(fixture.Redis.Port);
        RedisStorageOptions place = fixture.NewPlace() with { Servers = [KeyValuePair.Create("127.0.0.1", proxy.Port)] };
        await using RedisStorage storage = await StartAsync(place);
        await StoreAsync(storage);
        QueueItem item = Envelopes.MakeItem(Contents.InMemory());
        proxy.Cuts = 1;
        StorageException failure = await Assert.ThrowsAsync<StorageException>(async () => await storage.WriteAsync([item], CancellationToken.None));
        item.Envelope.Content.Release();
        Assert.Equal(StorageFailure.DeadlinePassed, failure.Failure);
        using var end = new CancellationTokenSource(Patience);
        while (await fixture.Redis.RunAsync("exists", place.Prefix + item.Envelope.Id) != "1")
            await Task.Delay(20, end.Token);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Content_of_a_write_whose_answer_is_lost_stays_with_the_item_and_goes_with_it()
    {
        await using var proxy = new CuttingProxy(fixture.Redis.Port);
        RedisStorageOptions place = fixture.NewPlace() with { Servers = [KeyValuePair.Create("127.0.0.1", proxy.Port)], Lanes = 1 };
        await using RedisStorage storage = await StartAsync(place);
        await StoreAsync(storage);
        QueueItem item = await MakeLargeAsync(storage);
        proxy.Cuts = 1;
        StorageException failure = await Assert.ThrowsAsync<StorageException>(async () => await storage.WriteAsync([item], CancellationToken.None));
        Assert.Equal(StorageFailure.DeadlinePassed, failure.Failure);

        // What is released while there is no connection deletes nothing, one way or the other.
        using var end = new CancellationTokenSource(Patience);
        while (!await AnswersAsync(storage) || await fixture.Redis.RunAsync("exists", place.Prefix + item.Envelope.Id) != "1")
            await Task.Delay(20, end.Token);
        item.Envelope.Content.Release();
        await AssertLargeIsThereAsync(storage, item);
        await storage.RemoveAsync(item.Envelope.Id, CancellationToken.None);

        // Behind the deletion, which nobody waits for.
        await StoreAsync(storage);
        Assert.Equal("0", await fixture.Redis.RunAsync("exists", $"{place.Prefix}content:{item.Envelope.Content.Id}"));
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Content_of_a_write_that_was_given_up_stays_with_the_item()
    {
        await using RedisProgram redis = await RedisProgram.StartAsync();
        await using RedisStorage storage = await StartAsync(new RedisStorageOptions { Servers = [KeyValuePair.Create("127.0.0.1", redis.Port)], Lanes = 1, Timeout = TimeSpan.FromSeconds(60) });
        await StoreAsync(storage);
        QueueItem item = await MakeLargeAsync(storage);
        using var givenUp = new CancellationTokenSource();
        redis.Freeze();
        Task writing = storage.WriteAsync([item], givenUp.Token).AsTask();
        await givenUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        item.Envelope.Content.Release();
        redis.Thaw();
        await AssertLargeIsThereAsync(storage, item);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Content_that_never_became_an_items_goes_by_itself()
    {
        RedisStorageOptions place = fixture.NewPlace();
        await using RedisStorage storage = await StartAsync(place);
        QueueItem item = await MakeLargeAsync(storage);
        Assert.InRange(
            long.Parse(await fixture.Redis.RunAsync("pttl", $"{place.Prefix}content:{item.Envelope.Content.Id}"), CultureInfo.InvariantCulture), 1, (long)TimeSpan.FromHours(1).TotalMilliseconds);
        item.Envelope.Content.Release();
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Queue_withdraws_what_it_refused_after_the_answer_was_lost()
    {
        await using var proxy = new CuttingProxy(fixture.Redis.Port);
        RedisStorageOptions place = fixture.NewPlace() with { Servers = [KeyValuePair.Create("127.0.0.1", proxy.Port)] };
        await using RedisStorage storage = await StartAsync(place);
        await using var relay = new Sharing.WatchfulRelay();
        await using var queue = new MailQueue(storage, relay, new MailQueueOptions { HostName = "mx.example.org", Hold = true }, []);
        await queue.StartAsync(CancellationToken.None);
        Assert.Equal(250, await EnqueueAsync(queue));
        proxy.Cuts = 1;
        Assert.Equal(451, await EnqueueAsync(queue));
        using var end = new CancellationTokenSource(Patience);
        while (await fixture.Redis.RunAsync("zcard", place.Prefix + "due") != "1")
            await Task.Delay(20, end.Token);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Change_of_which_no_replica_is_known_to_have_it_is_possibly_stored()
    {
        RedisStorageOptions place = fixture.NewPlace() with { Replicas = 1, Timeout = TimeSpan.FromSeconds(20) };
        await using RedisStorage storage = await StartAsync(place);
        await storage.Rebuilding;
        QueueItem item = Envelopes.MakeItem(Contents.InMemory());
        Task writing = storage.WriteAsync([item], CancellationToken.None).AsTask();

        // There is no replica: WAIT stands there until its connection ends.
        using var end = new CancellationTokenSource(Patience);
        while (!(await fixture.Redis.RunAsync("client", "list")).Contains("cmd=wait", StringComparison.Ordinal))
            await Task.Delay(20, end.Token);
        await fixture.Redis.RunAsync("client", "kill", "type", "normal", "skipme", "yes");
        StorageException failure = await Assert.ThrowsAsync<StorageException>(() => writing);
        item.Envelope.Content.Release();
        Assert.Equal(StorageFailure.DeadlinePassed, failure.Failure);
        Assert.Equal("1", await fixture.Redis.RunAsync("exists", place.Prefix + item.Envelope.Id));
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Claim_of_which_no_replica_is_known_to_have_it_hands_out_nothing()
    {
        RedisStorageOptions place = fixture.NewPlace();
        await using RedisStorage writing = await StartAsync(place);
        await using RedisStorage storage = await StartAsync(place with { Replicas = 1, Timeout = TimeSpan.FromSeconds(10) });
        QueueItem due = await StoreAsync(writing);
        StorageException failure = await Assert.ThrowsAsync<StorageException>(async () => await storage.ClaimDueAsync(10, Lease, CancellationToken.None));
        Assert.Equal(StorageFailure.DeadlinePassed, failure.Failure);
        QueueItem named = await StoreAsync(writing);
        failure = await Assert.ThrowsAsync<StorageException>(async () => await storage.ClaimAsync(named.Envelope.Id, Lease, CancellationToken.None));
        Assert.Equal(StorageFailure.DeadlinePassed, failure.Failure);

        // Leased all the same: they are nobody's until that ends. And where there is nothing to hand out, nothing is waited for.
        foreach (QueueItem item in new[] { due, named })
            Assert.Equal("1", await fixture.Redis.RunAsync("hget", place.Prefix + item.Envelope.Id, "leased"));
        Assert.Empty((await storage.ClaimDueAsync(10, Lease, CancellationToken.None)).Items);
        Assert.Null(await storage.ClaimAsync(named.Envelope.Id, Lease, CancellationToken.None));
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Claim_is_handed_out_when_a_replica_has_it()
    {
        await using RedisProgram master = await RedisProgram.StartAsync("--repl-diskless-sync-delay", "0");
        await using RedisProgram replica = await master.StartReplicaAsync();
        using var end = new CancellationTokenSource(Patience);
        await using RedisStorage storage = await StartAsync(
            new RedisStorageOptions { Servers = [KeyValuePair.Create("127.0.0.1", master.Port)], Replicas = 1, Timeout = TimeSpan.FromSeconds(40) });
        QueueItem item = await StoreAsync(storage);
        replica.Freeze();
        Task<ClaimResult> claiming = storage.ClaimDueAsync(10, Lease, CancellationToken.None).AsTask();
        while (await master.RunAsync("hget", $"slimta:{item.Envelope.Id}", "leased") != "1")
            await Task.Delay(20, end.Token);
        Assert.False(claiming.IsCompleted);
        replica.Thaw();
        Assert.Equal(item.Envelope.Id, Assert.Single((await claiming).Items).Entry.Id);
        Assert.Equal("2", await replica.RunAsync("hget", $"slimta:{item.Envelope.Id}", "epoch"));
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Replicas_that_answer_after_a_connection_was_made_anew_prove_nothing()
    {
        await using RedisProgram master = await RedisProgram.StartAsync("--repl-diskless-sync-delay", "0");
        await using RedisProgram replica = await master.StartReplicaAsync();
        using var end = new CancellationTokenSource(Patience);
        await using RedisStorage storage = await StartAsync(
            new RedisStorageOptions { Servers = [KeyValuePair.Create("127.0.0.1", master.Port)], Replicas = 1, Lanes = 1, Timeout = TimeSpan.FromSeconds(40) });
        await StoreAsync(storage);
        QueueItem item = Envelopes.MakeItem(Contents.InMemory());
        replica.Freeze();
        Task writing = storage.WriteAsync([item], CancellationToken.None).AsTask();
        while (!(await master.RunAsync("client", "list", "type", "normal")).Contains("cmd=wait", StringComparison.Ordinal))
            await Task.Delay(20, end.Token);

        // Not the one that waits: nobody but the storage knows whether the other one came to another server.
        string listening = await ClientIdsAsync(master);
        await master.RunAsync("client", "kill", "type", "pubsub");
        string again;
        while ((again = await ClientIdsAsync(master)).Length == 0 || again == listening)
            await Task.Delay(20, end.Token);
        Assert.False(writing.IsCompleted);
        replica.Thaw();
        StorageException failure = await Assert.ThrowsAsync<StorageException>(() => writing);
        item.Envelope.Content.Release();
        Assert.Equal(StorageFailure.DeadlinePassed, failure.Failure);
        Assert.Contains("connection to Redis changed", failure.Message, StringComparison.Ordinal);

        // And goes on, once the client has no more to tell of that connection.
        while (!await TryStoreAsync(storage))
            await Task.Delay(20, end.Token);
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Update_that_is_repeated_leaves_the_content_of_its_bounce_where_it_is()
    {
        RedisStorageOptions place = fixture.NewPlace();
        await using RedisStorage storage = await StartAsync(place);
        QueueItem item = await StoreAsync(storage);
        QueueItem bounce = Envelopes.MakeItem(Contents.InMemory(new byte[200_000]));
        DeliveryState state = item.State with { Version = 1, Attempts = 1 };
        for (int i = 0; i < 2; i++)
        {
            await storage.UpdateAsync(item.Envelope.Id, state, [bounce], CancellationToken.None);
            Assert.Equal("-1", await fixture.Redis.RunAsync("pttl", $"{place.Prefix}content:{bounce.Envelope.Content.Id}"));
        }

        bounce.Envelope.Content.Release();
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Update_that_is_repeated_adds_no_bounce_that_somebody_else_delivered_meanwhile()
    {
        RedisStorageOptions place = fixture.NewPlace();
        await using RedisStorage storage = await StartAsync(place), another = await StartAsync(place);
        QueueItem item = await StoreAsync(storage), bounce = Envelopes.MakeItem(Contents.InMemory());
        QueueLease lease = Assert.Single((await storage.ClaimDueAsync(10, Lease, CancellationToken.None)).Items).Lease;
        DeliveryState state = item.State with { Version = 1, Attempts = 1, DueAt = DateTimeOffset.UtcNow.AddHours(1) };
        Assert.True(await storage.UpdateAsync(lease, state, [bounce], TimeSpan.Zero, CancellationToken.None));
        ClaimedItem claimed = Assert.Single((await another.ClaimDueAsync(10, Lease, CancellationToken.None)).Items);
        Assert.Equal(bounce.Envelope.Id, claimed.Entry.Id);
        Assert.True(await another.RemoveAsync(claimed.Lease, CancellationToken.None));
        Assert.True(await storage.UpdateAsync(lease, state, [bounce], Lease, CancellationToken.None));
        Assert.Equal("0", await fixture.Redis.RunAsync("exists", place.Prefix + bounce.Envelope.Id));
        Assert.Equal("1", await fixture.Redis.RunAsync("zcard", place.Prefix + "due"));
        bounce.Envelope.Content.Release();
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Item_whose_content_lost_a_piece_is_not_stored()
    {
        RedisStorageOptions place = fixture.NewPlace();
        await using RedisStorage storage = await StartAsync(place);
        using ContentWriter writer = storage.BeginContent(Envelopes.NewId(), null);
        await writer.WriteAsync(new byte[200_000], CancellationToken.None);
        QueueItem item = Envelopes.MakeItem(await writer.CompleteAsync(ContentTraits.None, CancellationToken.None));
        string content = $"{place.Prefix}content:{item.Envelope.Content.Id}";
        Assert.Equal("4", await fixture.Redis.RunAsync("hlen", content));
        Assert.NotEqual("-1", await fixture.Redis.RunAsync("pttl", content));
        await fixture.Redis.RunAsync("hdel", content, "1");
        StorageException failure = await Assert.ThrowsAsync<StorageException>(async () => await storage.WriteAsync([item], CancellationToken.None));
        Assert.Contains("not whole", failure.Message, StringComparison.Ordinal);
        Assert.Equal("0", await fixture.Redis.RunAsync("exists", place.Prefix + item.Envelope.Id));
        item.Envelope.Content.Release();
    }

    private static async Task<string> ClientIdsAsync(RedisProgram redis) =>
        string.Join(' ', (await redis.RunAsync("client", "list", "type", "pubsub")).Split('\n').Select(static client => client.Split(' ')[0]));

    private static async Task<int> EnqueueAsync(MailQueue queue)
    {
        Envelope envelope = Envelopes.Make(Contents.InMemory("Hello\r\n"), "alice@example.com", ["b@host.example"]) with { ReceivedAt = DateTimeOffset.UtcNow };
        EnqueueResult result = await queue.EnqueueAsync(envelope, CancellationToken.None);
        envelope.Content.Release();
        return result.Reply.Code;
    }

    private static async Task<QueueItem> StoreAsync(RedisStorage storage)
    {
        QueueItem item = Envelopes.MakeItem(Contents.InMemory());
        await storage.WriteAsync([item], CancellationToken.None);
        item.Envelope.Content.Release();
        return item;
    }

    private static async Task<QueueItem> MakeLargeAsync(RedisStorage storage)
    {
        using ContentWriter writer = storage.BeginContent(Envelopes.NewId(), null);
        await writer.WriteAsync(new byte[LargeOctets], CancellationToken.None);
        return Envelopes.MakeItem(await writer.CompleteAsync(ContentTraits.None, CancellationToken.None));
    }

    private static async Task AssertLargeIsThereAsync(RedisStorage storage, QueueItem item)
    {
        QueueItem read = (await storage.ReadAsync(item.Envelope.Id, CancellationToken.None))!;
        Assert.Equal(LargeOctets, (await Contents.ReadAllAsync(read.Envelope.Content)).Length);
        read.Envelope.Content.Release();
    }

    private static async Task<bool> AnswersAsync(RedisStorage storage)
    {
        try
        {
            await storage.PingAsync(CancellationToken.None);
            return true;
        }
        catch (StorageException)
        {
            return false;
        }
    }

    private static async Task<bool> TryStoreAsync(RedisStorage storage)
    {
        try
        {
            await StoreAsync(storage);
            return true;
        }
        catch (StorageException failure) when (failure.Failure == StorageFailure.DeadlinePassed)
        {
            return false;
        }
    }

    private static async Task<RedisStorage> StartAsync(RedisStorageOptions place)
    {
        RedisStorage storage = RedisFixture.Open(place);
        await storage.StartAsync(CancellationToken.None);

        // The next script is the test's own: or what looks through the keys would take the cut.
        await storage.Rebuilding;
        return storage;
    }
}
