using System.Net.Sockets;
using SlimtaFast.TestKit.Connections;

namespace SlimtaFast.EndToEnd.Tests.Sharing;

/// <summary>
/// The network between one process and its Redis. Held, it carries nothing either way and ends no connection; released, it carries what was under way, as
/// TCP does when a network is whole again.
/// </summary>
internal sealed class HoldingProxy : TcpProxy
{
    private TaskCompletionSource _whole = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Stands before the server at that port, and carries everything.</summary>
    public HoldingProxy(int server)
        : base(server)
    {
        _whole.SetResult();
        Start();
    }

    /// <summary>Carries nothing from now on.</summary>
    public void Hold() => Volatile.Write(ref _whole, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Carries everything again.</summary>
    public void Release() => Volatile.Read(ref _whole).SetResult();

    protected override Task BeforeConnectAsync(CancellationToken cancellationToken) => Volatile.Read(ref _whole).Task.WaitAsync(cancellationToken);

    protected override async Task CarryAsync(Socket client, Socket server, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task there = CopyAsync(client, server, WaitAsync, end.Token), back = CopyAsync(server, client, WaitAsync, end.Token);

        // What the client sent before it went away still gets there.
        await there;
        await end.CancelAsync();
        await back;

        async ValueTask<bool> WaitAsync(ReadOnlyMemory<byte> piece)
        {
            await Volatile.Read(ref _whole).Task.WaitAsync(end.Token);
            return true;
        }
    }
}
