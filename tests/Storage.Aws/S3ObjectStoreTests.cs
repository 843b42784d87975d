using SlimtaFast.Storage.Cloud;
using SlimtaFast.TestKit.Aws;

namespace SlimtaFast.Storage.Aws.Tests;

/// <summary>Objects in a bucket, on a real server and where need be with the stand-in in front of it.</summary>
public sealed class S3ObjectStoreTests(AwsFixture fixture) : IClassFixture<AwsFixture>
{
    [FauxqsFact]
    public async Task Object_is_written_read_listed_and_deleted()
    {
        await using IObjectStore store = fixture.OpenStore(fixture.NewPrefix());
        await store.StartAsync(CancellationToken.None);
        string? tag = await store.PutAsync("items/a", "hello"u8.ToArray(), [KeyValuePair.Create("timestamp", "1.5")], PutCondition.None, CancellationToken.None);
        Assert.NotNull(tag);
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
        byte[] bytes = new byte[12_000_000];
        new Random(3).NextBytes(bytes);
        await using (ObjectUpload upload = store.BeginUpload("contents/a"))
        {
            for (int at = 0; at < bytes.Length; at += 100_000)
                await upload.WriteAsync(bytes.AsMemory(at, 100_000), CancellationToken.None);
            await upload.CompleteAsync(CancellationToken.None);
        }

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
}
