using System.Net.Sockets;
using SlimtaFast.TestKit.Connections;

namespace SlimtaFast.Storage.Redis.Tests.Faults;

/// <summary>Stands between a storage and its server, and can lose a script's answer: the script runs, and the connection ends in place of the answer.</summary>
internal sealed class CuttingProxy : TcpProxy
{
    private int _cuts;

    /// <summary>Stands before the server at that port.</summary>
    public CuttingProxy(int server)
        : base(server) => Start();

    /// <summary>Answers yet to be lost.</summary>
    public int Cuts
    {
        get => Volatile.Read(ref _cuts);
        set => Volatile.Write(ref _cuts, value);
    }

    protected override async Task CarryAsync(Socket client, Socket server, CancellationToken cancellationToken)
    {
        int isCut = 0;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task there = CopyAsync(client, server, LookAsync, end.Token);

        // The server has the script, and runs what it has whatever becomes of the connection.
        Task back = CopyAsync(server, client, _ => ValueTask.FromResult(Volatile.Read(ref isCut) == 0), end.Token);
        await Task.WhenAny(there, back);
        await end.CancelAsync();
        await Task.WhenAll(there, back);

        async ValueTask<bool> LookAsync(ReadOnlyMemory<byte> piece)
        {
            if (piece.Span.IndexOf("EVAL"u8) < 0 || !TakeCut())
                return true;
            // Sent before the cut is known: what the server says of something earlier must not end the connection with the script still here.
            for (int sent = 0; sent < piece.Length;)
                sent += await server.SendAsync(piece[sent..], end.Token);
            Volatile.Write(ref isCut, 1);
            await Task.Delay(Timeout.Infinite, end.Token);
            return false;
        }
    }

    private bool TakeCut()
    {
        if (Cuts == 0)
            return false;
        Interlocked.Decrement(ref _cuts);
        return true;
    }
}
