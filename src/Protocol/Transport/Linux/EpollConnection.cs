using System.Buffers;
using System.Net;
using SlimtaFast.Protocol.Transport.Pipes;

namespace SlimtaFast.Protocol.Transport.Linux;

/// <summary>A connected socket in the epoll set of its reactor.</summary>
internal sealed unsafe class EpollConnection : ReactorConnection, IEpollTarget
{
    /// <summary>
    /// Edge-triggered in both directions, so that it is registered once and never changed. Linux reports an edge of writability only
    /// after a send found no room, so a connection that keeps up causes none.
    /// </summary>
    private const uint Interest = EpollEvents.In | EpollEvents.Out | EpollEvents.PeerHangUp | EpollEvents.EdgeTriggered;

    /// <summary>Pieces gathered into one call; the system allows 1024, and more than these rarely fit into a socket buffer.</summary>
    private const int MaxVectors = 64;

    private readonly EpollReactor _reactor;
    private readonly int _descriptor;

    private EpollConnection(EpollReactor reactor, int descriptor)
        : base(reactor)
    {
        _reactor = reactor;
        _descriptor = descriptor;
    }

    /// <summary>
    /// Registers a connected socket with its reactor, which has counted it and on whose thread it must be called. Null, with the socket
    /// closed, where the system refuses.
    /// </summary>
    public static EpollConnection? Create(EpollReactor reactor, int descriptor, EndPoint? local, EndPoint? remote)
    {
        var connection = new EpollConnection(reactor, descriptor);
        connection.SetEndPoints(local, remote);
        if (reactor.Register(descriptor, Interest, connection) < 0)
        {
            Libc.Close(descriptor);
            reactor.RemoveConnection();
            return null;
        }

        return connection;
    }

    public void OnEvents(EpollReactor reactor, uint events)
    {
        const uint ended = EpollEvents.Error | EpollEvents.HangUp;
        if ((events & (ended | EpollEvents.PeerHangUp)) != 0)
        {
            PeerClosed = true;
        }

        if ((events & (EpollEvents.In | EpollEvents.PeerHangUp | ended)) != 0)
        {
            OnReadable();
        }

        if ((events & (EpollEvents.Out | ended)) != 0 && !IsClosed)
        {
            OnWritable();
        }
    }

    public void OnReactorEnd() => Abort();

    public override int Receive(Span<byte> buffer) => Result(Libc.Receive(_descriptor, buffer));

    public override int Send(ReadOnlySpan<byte> bytes) => Result(Libc.Send(_descriptor, bytes));

    public override int SendGathered(in ReadOnlySequence<byte> first, in ReadOnlySequence<byte> second)
    {
        IoVector* vectors = stackalloc IoVector[MaxVectors];
        MemoryHandle[] handles = ArrayPool<MemoryHandle>.Shared.Rent(MaxVectors);
        int count = 0;
        try
        {
            Gather(first, vectors, handles, ref count);
            Gather(second, vectors, handles, ref count);
            return Result(Libc.Send(_descriptor, vectors, count));
        }
        finally
        {
            for (int i = 0; i < count; i++)
            {
                handles[i].Dispose();
                handles[i] = default;
            }

            ArrayPool<MemoryHandle>.Shared.Return(handles);
        }
    }

    public override void AwaitReadable()
    {
        // Edge-triggered: the event comes by itself.
    }

    public override int AwaitWritable(ReadOnlySpan<byte> next) => 0;

    protected override void ShutdownSend() => Libc.ShutdownSend(_descriptor);

    protected override void CloseSocket(bool reset)
    {
        if (reset)
        {
            Libc.SetResetOnClose(_descriptor);
        }

        _reactor.Forget(_descriptor);
        Libc.Close(_descriptor);
    }

    private static int Result(int result) => result >= 0 ? result : -(int)Errno.ToSocketError(-result);

    private static void Gather(in ReadOnlySequence<byte> bytes, IoVector* vectors, MemoryHandle[] handles, ref int count)
    {
        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            if (count == MaxVectors)
            {
                return;
            }

            if (!segment.IsEmpty)
            {
                MemoryHandle handle = segment.Pin();
                handles[count] = handle;
                vectors[count].Start = (byte*)handle.Pointer;
                vectors[count].Length = (nuint)segment.Length;
                count++;
            }
        }
    }
}
