using SlimtaFast.Storage.Cloud;
using SlimtaFast.TestKit.Http;

namespace SlimtaFast.Storage.OpenStack.Tests;

/// <summary>What Swift does not do because it has a later change, by another proxy's clock, is not taken for done; nor is what may be done taken for not done.</summary>
public sealed class LaterStampTests
{
    private const string Accepted = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
    private const string Conflict = "HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n";
    private const string Created = "HTTP/1.1 201 Created\r\nETag: \"a\"\r\nContent-Length: 0\r\n\r\n";
    private const string NoContent = "HTTP/1.1 204 No Content\r\n\r\n";
    private const string Unavailable = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";

    [Fact]
    public async Task Write_is_tried_again_until_it_is_the_latest()
    {
        await using RawHttpServer server = Answering(Accepted, Accepted, Created);
        await using SwiftObjectStore store = Open(server);
        Assert.Equal("a", await PutAsync(store));
    }

    [Fact]
    public async Task Write_that_never_is_the_latest_fails_as_possibly_done()
    {
        await using RawHttpServer server = Answering(Accepted);
        await using SwiftObjectStore store = Open(server);
        StorageException trouble = await Assert.ThrowsAsync<StorageException>(async () => await PutAsync(store));
        Assert.Equal(StorageFailure.DeadlinePassed, trouble.Failure);
    }

    [Fact]
    public async Task Deletion_is_tried_again_until_it_is_the_latest()
    {
        await using RawHttpServer server = Answering(Conflict, NoContent);
        await using SwiftObjectStore store = Open(server);
        await store.DeleteAsync(["a"], CancellationToken.None);
    }

    [Fact]
    public async Task Deletion_that_never_is_the_latest_fails()
    {
        await using RawHttpServer server = Answering(Conflict);
        await using SwiftObjectStore store = Open(server);
        await Assert.ThrowsAsync<StorageException>(async () => await store.DeleteAsync(["a"], CancellationToken.None));
    }

    [Fact]
    public async Task Write_that_too_few_servers_took_may_be_done()
    {
        await using RawHttpServer server = Answering(Unavailable);
        await using SwiftObjectStore store = Open(server);
        StorageException trouble = await Assert.ThrowsAsync<StorageException>(async () => await PutAsync(store));
        Assert.Equal(StorageFailure.DeadlinePassed, trouble.Failure);
    }

    [Fact]
    public async Task Write_whose_first_answer_got_lost_may_be_done_whatever_the_second_says()
    {
        int connections = 0;
        await using var server = new RawHttpServer(async connection =>
        {
            // The first one ends after the request, without a word.
            bool isFirst = Interlocked.Increment(ref connections) == 1;
            while (await connection.ReadRequestAsync() is not null && !isFirst)
                await connection.SendAsync("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n");
        });
        await using SwiftObjectStore store = Open(server);
        StorageException trouble = await Assert.ThrowsAsync<StorageException>(async () => await PutAsync(store));
        Assert.Equal(StorageFailure.DeadlinePassed, trouble.Failure);
        Assert.Equal(2, Volatile.Read(ref connections));
    }

    // The last one again and again.
    private static RawHttpServer Answering(params string[] answers)
    {
        int at = -1;
        return new RawHttpServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
                await connection.SendAsync(answers[Math.Min(Interlocked.Increment(ref at), answers.Length - 1)]);
        });
    }

    private static SwiftObjectStore Open(RawHttpServer server) =>
        new(new SwiftOptions { Cloud = new OpenStackOptions { Identity = IdentityKind.None, Endpoint = new Uri(server.Url, "/") }, Container = "mail" }, TimeProvider.System);

    private static async Task<string?> PutAsync(SwiftObjectStore store) => await store.PutAsync("a", "b"u8.ToArray(), [], PutCondition.None, CancellationToken.None);
}
