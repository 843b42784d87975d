using SlimtaFast.Storage.OpenStack.Identity;
using SlimtaFast.TestKit.Http;

namespace SlimtaFast.Storage.OpenStack.Tests;

/// <summary>A cloud that stalls holds nobody up for ever.</summary>
public sealed class DeadlineTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Object_that_stops_in_the_middle_is_given_up()
    {
        await using var server = new RawHttpServer(static async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
                await connection.SendAsync("HTTP/1.1 206 Partial Content\r\nETag: \"a\"\r\nContent-Length: 96\r\n\r\nonly this");
        });
        await using var store = new SwiftObjectStore(new SwiftOptions { Cloud = CloudAt(server.Url), Container = "mail" }, TimeProvider.System);
        await Assert.ThrowsAsync<StorageException>(() => store.GetAsync("a", CancellationToken.None).AsTask().WaitAsync(Patience));
        await Assert.ThrowsAsync<StorageException>(() => store.ReadAsync("a", 4, new byte[96], CancellationToken.None).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task Part_of_an_object_is_not_taken_from_an_endpoint_that_sends_all_of_it()
    {
        await using RawHttpServer server = RawHttpServer.Answering("HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Length: 10\r\n\r\n0123456789");
        await using var store = new SwiftObjectStore(new SwiftOptions { Cloud = CloudAt(server.Url), Container = "mail" }, TimeProvider.System);
        await Assert.ThrowsAsync<StorageException>(() => store.ReadAsync("a", 4, new byte[6], CancellationToken.None).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task Identity_service_that_does_not_answer_is_asked_once_for_all_who_wait()
    {
        int asked = 0;
        await using var server = new RawHttpServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
                Interlocked.Increment(ref asked);
        });
        OpenStackOptions cloud = CloudAt(server.Url) with { Identity = IdentityKind.Rackspace, UserName = "user", Secret = "key", Timeout = TimeSpan.FromSeconds(2) };
        using var client = new ServiceClient(cloud, ["object-store"], TimeProvider.System);
        Task[] requests = [.. Enumerable.Range(0, 20).Select(_ => client.SendAsync(static address => new HttpRequestMessage(HttpMethod.Put, address), true, CancellationToken.None))];
        foreach (Task request in requests)
        {
            // Nothing was asked of the service itself, and so nothing is possibly done.
            StorageException trouble = await Assert.ThrowsAsync<StorageException>(() => request.WaitAsync(Patience));
            Assert.Equal(StorageFailure.Unavailable, trouble.Failure);
        }

        Assert.Equal(1, Volatile.Read(ref asked));
    }

    private static OpenStackOptions CloudAt(Uri url) => new() { Identity = IdentityKind.None, Endpoint = new Uri(url, "/"), Timeout = TimeSpan.FromMilliseconds(500) };
}
