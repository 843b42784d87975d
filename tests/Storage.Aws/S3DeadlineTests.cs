using SlimtaFast.Storage.Cloud;
using SlimtaFast.TestKit.Http;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Storage.Aws.Tests;

/// <summary>A store that stalls holds nobody up for ever, and what waits for it on this machine is nobody else's.</summary>
public sealed class S3DeadlineTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Object_that_stops_in_the_middle_is_given_up()
    {
        await using var server = new RawHttpServer(static async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
                await connection.SendAsync("HTTP/1.1 206 Partial Content\r\nETag: \"d41d8cd98f00b204e9800998ecf8427e-1\"\r\nContent-Range: bytes 4-99/100\r\nContent-Length: 96\r\n\r\nonly this");
        });
        await using S3ObjectStore store = Open(server.Url, Path.GetTempPath());
        StorageException read = await Assert.ThrowsAsync<StorageException>(() => store.GetAsync("a", CancellationToken.None).AsTask().WaitAsync(Patience));
        Assert.Equal(StorageFailure.Unavailable, read.Failure);
        await Assert.ThrowsAsync<StorageException>(() => store.ReadAsync("a", 4, new byte[96], CancellationToken.None).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task Write_that_is_not_answered_is_possibly_done()
    {
        await using var server = new RawHttpServer(static async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                // No answer.
            }
        });
        await using S3ObjectStore store = Open(server.Url, Path.GetTempPath());
        StorageException written = await Assert.ThrowsAsync<StorageException>(() => store.PutAsync("a", "1"u8.ToArray(), [], PutCondition.Absent, CancellationToken.None).AsTask().WaitAsync(Patience));
        Assert.Equal(StorageFailure.DeadlinePassed, written.Failure);
    }

    [Fact]
    public async Task Part_of_an_object_is_not_taken_from_an_endpoint_that_sends_all_of_it()
    {
        await using RawHttpServer server = RawHttpServer.Answering("HTTP/1.1 200 OK\r\nETag: \"d41d8cd98f00b204e9800998ecf8427e-1\"\r\nContent-Length: 10\r\n\r\n0123456789");
        await using S3ObjectStore store = Open(server.Url, Path.GetTempPath());
        await Assert.ThrowsAsync<StorageException>(() => store.ReadAsync("a", 4, new byte[6], CancellationToken.None).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task What_waits_for_a_part_to_be_complete_has_no_name()
    {
        using var folder = new TemporaryFolder();
        await using S3ObjectStore store = Open(new Uri("http://127.0.0.1:9"), folder.Path);
        await using ObjectUpload upload = store.BeginUpload("contents/a");
        await upload.WriteAsync(new byte[1_000_000], CancellationToken.None);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    private static S3ObjectStore Open(Uri url, string scratch) => new S3ObjectStore(new S3Options
    {
        Bucket = "mail",
        ScratchFolder = scratch,
        Endpoint = new AwsEndpoint { ServiceUrl = new Uri(url, "/"), AccessKey = "test", SecretKey = "test", Timeout = TimeSpan.FromMilliseconds(500) },
    });
}
