using SlimtaFast.Storage.Cloud;
using SlimtaFast.TestKit.OpenStack;

namespace SlimtaFast.Storage.OpenStack.Tests;

/// <summary>Objects in a container, on a real Swift.</summary>
public sealed class SwiftObjectStoreTests(SwiftFixture fixture) : IClassFixture<SwiftFixture>
{
    [SwiftFact]
    public async Task Object_is_written_read_listed_and_deleted()
    {
        await using IObjectStore store = fixture.OpenStore(fixture.NewPrefix());
        await store.StartAsync(CancellationToken.None);
        string? tag = await store.PutAsync("items/a", "hello"u8.ToArray(), [KeyValuePair.Create("timestamp", "1.5")], PutCondition.Absent, CancellationToken.None);
        Assert.NotNull(tag);
        Assert.Null(await store.PutAsync("items/a", "other"u8.ToArray(), [], PutCondition.Absent, CancellationToken.None));
        await Assert.ThrowsAsync<NotSupportedException>(async () => await store.PutAsync("items/a", default, [], PutCondition.Matches(tag), CancellationToken.None));
        StoredObject? read = await store.GetAsync("items/a", CancellationToken.None);
        Assert.Equal("hello"u8.ToArray(), read!.Bytes.ToArray());
        Assert.Equal(tag, read.Tag);
        ObjectFacts? facts = await store.FindAsync("items/a", CancellationToken.None);
        Assert.Equal((5, tag), (facts!.Length, facts.Tag));
        Assert.InRange(facts.ModifiedAt, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));
        byte[] buffer = new byte[3];
        Assert.Equal(2, await store.ReadAsync("items/a", 3, buffer, CancellationToken.None));
        Assert.Equal("lo"u8.ToArray(), buffer[..2]);
        for (int i = 0; i < 5; i++)
            await store.PutAsync($"items/b{i}", default, [], PutCondition.None, CancellationToken.None);
        ObjectPage page = await store.ListAsync("items/", "items/a", 3, CancellationToken.None);
        Assert.Equal(["items/b0", "items/b1", "items/b2"], page.Objects.Select(static found => found.Name));
        Assert.True(page.HasMore);
        await store.DeleteAsync(["items/a", "items/none"], CancellationToken.None);
        Assert.Null(await store.GetAsync("items/a", CancellationToken.None));
        Assert.Null(await store.FindAsync("items/a", CancellationToken.None));
        Assert.Null(await store.ReadAsync("items/a", 0, buffer, CancellationToken.None));
    }

    [SwiftFact]
    public async Task Large_object_goes_up_in_segments_which_go_with_it()
    {
        await using IObjectStore store = fixture.OpenStore(fixture.NewPrefix());
        byte[] bytes = new byte[3_000_000];
        new Random(3).NextBytes(bytes);
        await using (ObjectUpload upload = store.BeginUpload("contents/a"))
        {
            for (int at = 0; at < bytes.Length; at += 100_000)
                await upload.WriteAsync(bytes.AsMemory(at, 100_000), CancellationToken.None);
            await upload.CompleteAsync(CancellationToken.None);
        }

        Assert.True((await store.GetAsync("contents/a", CancellationToken.None))!.Bytes.Span.SequenceEqual(bytes));
        byte[] buffer = new byte[600_000];
        Assert.Equal(buffer.Length, await store.ReadAsync("contents/a", 400_000, buffer, CancellationToken.None));
        Assert.True(buffer.AsSpan().SequenceEqual(bytes.AsSpan(400_000, buffer.Length)));
        await store.DeleteUploadAsync("contents/a", CancellationToken.None);
        await store.DeleteUploadAsync("contents/none", CancellationToken.None);
        await using (ObjectUpload upload = store.BeginUpload("contents/b"))
            await upload.WriteAsync(bytes, CancellationToken.None);
        Assert.Empty((await store.ListAsync("contents/", null, 100, CancellationToken.None)).Objects);
    }

    [SwiftFact]
    public async Task Container_that_is_not_there_is_refused_at_start()
    {
        await using IObjectStore store = fixture.OpenStore("", "nobody-made-this");
        await Assert.ThrowsAsync<StorageException>(() => store.StartAsync(CancellationToken.None));
    }
}
