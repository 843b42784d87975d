using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.Tests.Contract;
using SlimtaFast.TestKit.Aws;

namespace SlimtaFast.Storage.Aws.Ceph.Tests;

/// <summary>Objects in a bucket of a real server that checks the conditions of writes and who asks.</summary>
public sealed class CephObjectStoreTests(CephFixture fixture) : ObjectStoreContract, IClassFixture<CephFixture>
{
    private const int Writers = 16;
    private const int Rounds = 30;

    [CephFact]
    public async Task Of_writes_at_once_under_a_condition_that_holds_one_is_done()
    {
        IObjectStore[] stores = [.. Enumerable.Range(0, Writers).Select(_ => fixture.OpenStore("at once/"))];
        string? tag = null;
        for (int round = 0; round < Rounds; round++)
        {
            PutCondition condition = tag is null ? PutCondition.Absent : PutCondition.Matches(tag);
            string?[] tags = await Task.WhenAll(stores.Select((store, writer) => store.PutAsync("a", BitConverter.GetBytes((round * Writers) + writer), [], condition, CancellationToken.None).AsTask()));
            int winner = Assert.Single(Enumerable.Range(0, Writers), writer => tags[writer] is not null);
            StoredObject found = (await stores[0].GetAsync("a", CancellationToken.None))!;
            Assert.Equal(BitConverter.GetBytes((round * Writers) + winner), found.Bytes.ToArray());
            Assert.Equal(tags[winner], found.Tag);
            tag = found.Tag;
        }

        Assert.Null(await stores[0].PutAsync("gone", "4"u8.ToArray(), [], PutCondition.Matches(tag!), CancellationToken.None));
        Assert.Null(await stores[0].FindAsync("gone", CancellationToken.None));
        foreach (IObjectStore store in stores)
            await store.DisposeAsync();
    }

    [CephFact]
    public async Task Large_object_goes_up_in_parts_and_is_not_there_where_it_was_given_up()
    {
        await using IObjectStore store = fixture.OpenStore(fixture.NewPrefix());
        byte[] bytes = await UploadAsync(store, "contents/a", 12_000_000);
        StoredObject? read = await store.GetAsync("contents/a", CancellationToken.None);
        Assert.True(read!.Bytes.Span.SequenceEqual(bytes));
        await using (ObjectUpload upload = store.BeginUpload("contents/b"))
            await upload.WriteAsync(bytes, CancellationToken.None);
        Assert.Null(await store.FindAsync("contents/b", CancellationToken.None));
    }

    /// <inheritdoc/>
    protected override IObjectStore Open() => fixture.OpenStore(fixture.NewPrefix());
}
