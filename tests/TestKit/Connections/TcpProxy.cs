using System.Net;
using System.Net.Sockets;

namespace SlimtaFast.TestKit.Connections;

/// <summary>Stands between clients and a server on 127.0.0.1; what happens on the way is its heirs' to say.</summary>
public abstract class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _server;
    private Task _accepting = Task.CompletedTask;

    /// <summary>Stands before the server at that port, from <see cref="Start"/> on.</summary>
    protected TcpProxy(int server) => _server = server;

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Begins to listen; an heir's constructor calls it last.</summary>
    protected void Start()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Asked before the server is connected to for a client.</summary>
    protected virtual Task BeforeConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Carries one connection until it ends; both sockets are closed then.</summary>
    protected abstract Task CarryAsync(Socket client, Socket server, CancellationToken cancellationToken);

    /// <summary>Copies one direction of a connection until it ends, or <paramref name="mayPass"/> says no to a piece.</summary>
    protected static async Task CopyAsync(Socket from, Socket to, Func<ReadOnlyMemory<byte>, ValueTask<bool>> mayPass, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer, cancellationToken)) > 0)
            {
                if (!await mayPass(buffer.AsMemory(0, count)))
                    return;
                for (int sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), cancellationToken);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException)
        {
            // Either side is gone.
        }
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(CarryAsync(await _listener.AcceptSocketAsync(_stop.Token)));
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task CarryAsync(Socket client)
    {
        using Socket server = new(SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            try
            {
                await BeforeConnectAsync(_stop.Token);
                await server.ConnectAsync(IPAddress.Loopback, _server, _stop.Token);
            }
            catch (Exception trouble) when (trouble is OperationCanceledException or SocketException)
            {
                return;
            }

            await CarryAsync(client, server, _stop.Token);
        }
    }
}
