using SlimtaFast.Mail;
using SlimtaFast.Storage.Tests.Contract;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Storage.Redis.Tests;

/// <summary>Contents in a real Redis.</summary>
public sealed class RedisContentsTests(RedisFixture fixture) : ContentStoreContract, IClassFixture<RedisFixture>
{
    private RedisStorageOptions? _place;

    [FullFact("redis-server", "redis-cli")]
    public async Task Nothing_is_left_where_a_storage_has_the_same_prefix()
    {
        RedisStorageOptions place = fixture.NewPlace();
        await using var contents = new RedisContents(place);
        await contents.StartAsync(CancellationToken.None);
        QueueItem item = Envelopes.MakeItem(Contents.InMemory(new string('x', 200_000)));
        await contents.KeepAsync(item.Envelope.Id, item.Envelope.Content, CancellationToken.None);

        // A storage looks through all keys of its prefix at its start: what is not its own stays.
        await using var storage = new RedisStorage(place, TimeProvider.System);
        await storage.StartAsync(CancellationToken.None);
        await storage.Rebuilding;
        Assert.Equal(0, storage.GetInfo().Items);
        await contents.RemoveAsync(item.Envelope.Id, CancellationToken.None);
        Assert.Empty(await fixture.Redis.RunAsync("keys", place.Prefix.Replace("[", "\\[", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal) + "kept*"));
    }

    /// <inheritdoc/>
    protected override IContentStore Open() => new RedisContents(_place ??= fixture.NewPlace());
}
