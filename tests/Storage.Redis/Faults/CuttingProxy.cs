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

        // The server has run what it answers.
        Task back = CopyAsync(server, client, _ => ValueTask.FromResult(Volatile.Read(ref isCut) == 0), end.Token);
        await Task.WhenAny(there, back);
        await end.CancelAsync();
        await Task.WhenAll(there, back);

        ValueTask<bool> LookAsync(ReadOnlyMemory<byte> piece)
        {
            if (piece.Span.IndexOf("EVAL"u8) >= 0 && TakeCut())
                Volatile.Write(ref isCut, 1);
            return ValueTask.FromResult(true);
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
