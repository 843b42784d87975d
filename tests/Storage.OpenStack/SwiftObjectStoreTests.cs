using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.Tests.Contract;
using SlimtaFast.TestKit.OpenStack;

namespace SlimtaFast.Storage.OpenStack.Tests;

/// <summary>Objects in a container, on a real Swift.</summary>
public sealed class SwiftObjectStoreTests(SwiftFixture fixture) : ObjectStoreContract, IClassFixture<SwiftFixture>
{
    [SwiftFact]
    public async Task Write_on_condition_of_a_tag_is_none_of_its_abilities()
    {
        await using IObjectStore store = fixture.OpenStore(fixture.NewPrefix());
        string? tag = await store.PutAsync("items/a", "hello"u8.ToArray(), [], PutCondition.Absent, CancellationToken.None);
        Assert.NotNull(tag);
        await Assert.ThrowsAsync<NotSupportedException>(async () => await store.PutAsync("items/a", default, [], PutCondition.Matches(tag), CancellationToken.None));
    }

    [SwiftFact]
    public async Task Large_object_goes_up_in_segments_which_go_with_it()
    {
        await using IObjectStore store = fixture.OpenStore(fixture.NewPrefix());
        byte[] bytes = await UploadAsync(store, "contents/a", 3_000_000);
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

    protected override IObjectStore Open() => fixture.OpenStore(fixture.NewPrefix());
}
