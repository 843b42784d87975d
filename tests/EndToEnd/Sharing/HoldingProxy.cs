using System.Net;
using System.Net.Sockets;

namespace SlimtaFast.EndToEnd.Tests.Sharing;

/// <summary>
/// The network between one process and its Redis. Held, it carries nothing either way and ends no connection; released, it carries what was under way, as
/// TCP does when a network is whole again.
/// </summary>
internal sealed class HoldingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _server;
    private readonly Task _accepting;
    private TaskCompletionSource _whole = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Stands before the server at that port, and carries everything.</summary>
    public HoldingProxy(int server)
    {
        _server = server;
        _whole.SetResult();
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Carries nothing from now on.</summary>
    public void Hold() => Volatile.Write(ref _whole, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Carries everything again.</summary>
    public void Release() => Volatile.Read(ref _whole).SetResult();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
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
            using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            try
            {
                await Volatile.Read(ref _whole).Task.WaitAsync(end.Token);
                await server.ConnectAsync(IPAddress.Loopback, _server, end.Token);
            }
            catch (Exception trouble) when (trouble is OperationCanceledException or SocketException)
            {
                return;
            }

            Task there = CopyAsync(client, server, end.Token), back = CopyAsync(server, client, end.Token);

            // What the client sent before it went away still gets there.
            await there;
            await end.CancelAsync();
            await back;
        }
    }

    private async Task CopyAsync(Socket from, Socket to, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer, cancellationToken)) > 0)
            {
                await Volatile.Read(ref _whole).Task.WaitAsync(cancellationToken);
                for (int sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), cancellationToken);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException)
        {
            // Either side is gone.
        }
    }
}
