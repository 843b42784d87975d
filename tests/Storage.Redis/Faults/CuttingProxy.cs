using System.Net;
using System.Net.Sockets;

namespace SlimtaFast.Storage.Redis.Tests.Faults;

/// <summary>Stands between a storage and its server, and can lose a script's answer: the script runs, and the connection ends in place of the answer.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _server;
    private readonly Task _accepting;
    private int _cuts;

    /// <summary>Stands before the server at that port.</summary>
    public CuttingProxy(int server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Answers yet to be lost.</summary>
    public int Cuts
    {
        get => Volatile.Read(ref _cuts);
        set => Volatile.Write(ref _cuts, value);
    }

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
            var isCut = new StrongBox();
            using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _server, end.Token);
                Task there = CopyAsync(client, server, bytes => isCut.Value |= IsScript(bytes) && TakeCut(), before: true, isCut, end.Token);
                Task back = CopyAsync(server, client, static _ => { }, before: false, isCut, end.Token);
                await Task.WhenAny(there, back);
                await end.CancelAsync();
                await Task.WhenAll(there, back);
            }
            catch (SocketException)
            {
                // Either side is gone.
            }
        }
    }

    private static async Task CopyAsync(Socket from, Socket to, Action<ReadOnlyMemory<byte>> look, bool before, StrongBox isCut, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer, cancellationToken)) > 0)
            {
                look(buffer.AsMemory(0, count));

                // The server has run what it answers.
                if (!before && isCut.Value)
                    return;
                for (int sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), cancellationToken);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException)
        {
            // As where it ends by itself.
        }
    }

    private static bool IsScript(ReadOnlyMemory<byte> bytes) => bytes.Span.IndexOf("EVAL"u8) >= 0;

    private bool TakeCut()
    {
        if (Cuts == 0)
            return false;
        Interlocked.Decrement(ref _cuts);
        return true;
    }

    private sealed class StrongBox
    {
        private int _value;

        public bool Value
        {
            get => Volatile.Read(ref _value) != 0;
            set => Volatile.Write(ref _value, value ? 1 : 0);
        }
    }
}
