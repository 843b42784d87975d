using SlimtaFast.Storage.Cloud;

namespace SlimtaFast.Storage.Tests.Contract;

/// <summary>What every store of objects does alike.</summary>
public abstract class ObjectStoreContract
{
    [Fact]
    public async Task Object_is_written_read_listed_and_deleted()
    {
        await using IObjectStore store = Open();
        await store.StartAsync(CancellationToken.None);
        string? tag = await store.PutAsync("items/a", "hello"u8.ToArray(), [KeyValuePair.Create("timestamp", "1.5")], PutCondition.Absent, CancellationToken.None);
        Assert.NotNull(tag);
        Assert.Null(await store.PutAsync("items/a", "other"u8.ToArray(), [], PutCondition.Absent, CancellationToken.None));
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

    /// <summary>A store in a place of its own.</summary>
    protected abstract IObjectStore Open();

    /// <summary>Uploads so many octets in pieces, and returns them.</summary>
    protected static async Task<byte[]> UploadAsync(IObjectStore store, string name, int length)
    {
        byte[] bytes = new byte[length];
        new Random(3).NextBytes(bytes);
        await using ObjectUpload upload = store.BeginUpload(name);
        for (int at = 0; at < bytes.Length; at += 100_000)
            await upload.WriteAsync(bytes.AsMemory(at, 100_000), CancellationToken.None);
        await upload.CompleteAsync(CancellationToken.None);
        return bytes;
    }
}
