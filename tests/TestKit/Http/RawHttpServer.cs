using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace SlimtaFast.TestKit.Http;

/// <summary>An HTTP server on a free loopback port whose every octet a test decides.</summary>
public sealed class RawHttpServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _listener;
    private readonly Func<RawHttpConnection, Task> _serve;
    private readonly ConcurrentBag<RawHttpConnection> _connections = [];
    private readonly Task _accepting;
    private int _accepted;

    /// <summary>Starts it.</summary>
    /// <param name="serve">Serves a connection, which is closed when it returns.</param>
    /// <param name="port">Where; 0 for a free port.</param>
    public RawHttpServer(Func<RawHttpConnection, Task> serve, int port = 0)
    {
        _serve = serve;
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>A server that reads requests to their end and gives one answer to each; what it was asked is kept.</summary>
    public static RawHttpServer Answering(string answer, ConcurrentQueue<(RawHttpRequest Head, byte[] Body)>? requests = null, int port = 0) => new(
        async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                requests?.Enqueue(request);
                await connection.SendAsync(answer);
            }
        },
        port);

    /// <summary>Where it is, with a path and a query.</summary>
    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/mail?tenant=7");

    /// <summary>Connections that came so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var connection = new RawHttpConnection(await _listener.AcceptSocketAsync(_stop.Token));
                Interlocked.Increment(ref _accepted);
                _connections.Add(connection);
                serving.Add(ServeAsync(connection));
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
            foreach (RawHttpConnection connection in _connections)
                connection.Dispose();
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(RawHttpConnection connection)
    {
        try
        {
            await _serve(connection);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            // The client has left, or the test is over.
        }
        finally
        {
            connection.Dispose();
        }
    }
}
