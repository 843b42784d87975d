using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.Tests.Contract;
using SlimtaFast.TestKit.Aws;

namespace SlimtaFast.Storage.Aws.Tests;

/// <summary>Objects in a bucket, on a real server and where need be with the stand-in in front of it.</summary>
public sealed class S3ObjectStoreTests(AwsFixture fixture) : ObjectStoreContract, IClassFixture<AwsFixture>
{
    [FauxqsFact]
    public async Task Conditions_are_kept_where_the_endpoint_keeps_them()
    {
        await using IObjectStore store = fixture.OpenStore(fixture.NewPrefix());
        string? first = await store.PutAsync("a", "1"u8.ToArray(), [], PutCondition.Absent, CancellationToken.None);
        Assert.NotNull(first);
        Assert.Null(await store.PutAsync("a", "2"u8.ToArray(), [], PutCondition.Absent, CancellationToken.None));
        string? second = await store.PutAsync("a", "3"u8.ToArray(), [], PutCondition.Matches(first), CancellationToken.None);
        Assert.NotNull(second);
        Assert.Null(await store.PutAsync("a", "4"u8.ToArray(), [], PutCondition.Matches(first), CancellationToken.None));
        Assert.Null(await store.PutAsync("gone", "4"u8.ToArray(), [], PutCondition.Matches(first), CancellationToken.None));
        Assert.Equal("3"u8.ToArray(), (await store.GetAsync("a", CancellationToken.None))!.Bytes.ToArray());
    }

    [FauxqsFact]
    public async Task Endpoint_that_ignores_conditions_has_one_writer()
    {
        string prefix = fixture.NewPrefix();
        var options = new CloudStorageOptions { SoleWriterTime = TimeSpan.FromSeconds(10) };
        await using var first = new CloudStorage(fixture.OpenStore(prefix, conditions: false), null, options, TimeProvider.System);
        await first.StartAsync(CancellationToken.None);
        await using var second = new CloudStorage(fixture.OpenStore(prefix, conditions: false), null, options, TimeProvider.System);
        await Assert.ThrowsAsync<StorageException>(() => second.StartAsync(CancellationToken.None));
    }

    [FauxqsFact]
    public async Task Large_object_goes_up_in_parts_and_is_not_there_where_it_was_given_up()
    {
        await using IObjectStore store = fixture.OpenStore(fixture.NewPrefix(), conditions: false);
        byte[] bytes = await UploadAsync(store, "contents/a", 12_000_000);
        StoredObject? read = await store.GetAsync("contents/a", CancellationToken.None);
        Assert.True(read!.Bytes.Span.SequenceEqual(bytes));
        Assert.EndsWith("-3\"", read.Tag, StringComparison.Ordinal);
        await using (ObjectUpload upload = store.BeginUpload("contents/b"))
            await upload.WriteAsync(bytes, CancellationToken.None);
        Assert.Null(await store.FindAsync("contents/b", CancellationToken.None));
    }

    [FauxqsFact]
    public async Task Failures_say_whose_fault_they_are()
    {
        await using IObjectStore store = fixture.OpenStore(fixture.NewPrefix());
        fixture.Endpoint.Fails = 507;
        try
        {
            StorageException full = await Assert.ThrowsAsync<StorageException>(async () => await store.PutAsync("a", default, [], PutCondition.None, CancellationToken.None));
            Assert.Equal(StorageFailure.Full, full.Failure);
            fixture.Endpoint.Fails = 403;
            StorageException refused = await Assert.ThrowsAsync<StorageException>(async () => await store.PutAsync("a", default, [], PutCondition.None, CancellationToken.None));
            Assert.Equal(StorageFailure.Unavailable, refused.Failure);
        }
        finally
        {
            fixture.Endpoint.Fails = 0;
        }

        // Two conditional writes at once: the one that is answered so has to look again.
        fixture.Endpoint.ConflictEvery = 1;
        try
        {
            Assert.Null(await store.PutAsync("a", default, [], PutCondition.Absent, CancellationToken.None));
        }
        finally
        {
            fixture.Endpoint.ConflictEvery = 0;
        }

        fixture.Endpoint.Refuses = true;
        try
        {
            await Assert.ThrowsAsync<NotSupportedException>(async () => await store.PutAsync("a", default, [], PutCondition.Absent, CancellationToken.None));
        }
        finally
        {
            fixture.Endpoint.Refuses = false;
        }
    }

    protected override IObjectStore Open() => fixture.OpenStore(fixture.NewPrefix());
}
