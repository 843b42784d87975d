using System.Buffers;
using System.Net;
using System.Net.Sockets;
using SlimtaFast.Protocol.Transport.Pipes;
using SlimtaFast.Protocol.Transport.Reactors;

namespace SlimtaFast.Protocol.Transport.Portable;

/// <summary>
/// A connection over a framework socket. It is used without waiting, as the epoll transport uses its own; readiness to receive comes
/// from an asynchronous receive of zero bytes, which needs no buffer, and readiness to send from an asynchronous send of a copied piece.
/// </summary>
internal sealed class SocketConnection : ReactorConnection
{
    private readonly SignalReactor _reactor;
    private readonly Socket _socket;
    private bool _awaitsReadable;
    private bool _awaitsWritable;

    // What a wait for bytes failed with. The kernel tells an error once, so the receive after it would see an orderly end.
    private SocketError _waitError;

    private SocketConnection(SignalReactor reactor, Socket socket)
        : base(reactor)
    {
        _reactor = reactor;
        _socket = socket;
    }

    /// <summary>Takes over a connected socket, on the thread of its reactor, which has counted it.</summary>
    public static SocketConnection Create(SignalReactor reactor, Socket socket, EndPoint? local, EndPoint? remote)
    {
        var connection = new SocketConnection(reactor, socket);
        connection.SetEndPoints(Plain(local), Plain(remote));
        connection.Readable = true;
        reactor.Register(connection);
        return connection;
    }

    public override int Receive(Span<byte> buffer)
    {
        int count = _socket.Receive(buffer, SocketFlags.None, out SocketError error);
        if (error == SocketError.Success && count == 0)
            error = _waitError;
        return error == SocketError.Success ? count : Negated(error);
    }

    public override int Send(ReadOnlySpan<byte> bytes)
    {
        // Behind a piece that is still on its way nothing may overtake it.
        if (_awaitsWritable)
        {
            return WouldBlock;
        }

        int count = _socket.Send(bytes, SocketFlags.None, out SocketError error);
        return error == SocketError.Success ? count : Negated(error);
    }

    public override int SendGathered(in ReadOnlySequence<byte> first, in ReadOnlySequence<byte> second)
    {
        foreach (ReadOnlyMemory<byte> segment in first.IsEmpty ? second : first)
        {
            if (!segment.IsEmpty)
            {
                return Send(segment.Span);
            }
        }

        return 0;
    }

    public override void AwaitReadable()
    {
        if (!_awaitsReadable && !IsClosed)
        {
            _awaitsReadable = true;
            _ = WaitReadableAsync();
        }
    }

    public override int AwaitWritable(ReadOnlySpan<byte> next)
    {
        if (_awaitsWritable || IsClosed)
        {
            return 0;
        }

        _awaitsWritable = true;
        int length = Math.Min(next.Length, BlockPool.SmallSize);
        byte[] piece = ArrayPool<byte>.Shared.Rent(length);
        next[..length].CopyTo(piece);
        _ = SendPieceAsync(piece, length);
        return length;
    }

    protected override bool HasPieceUnsent => _awaitsWritable;

    protected override void ShutdownSend()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The peer was faster in ending the connection; the next receive says how.
        }
    }

    protected override void CloseSocket(bool reset)
    {
        _reactor.Forget(this);
        if (reset)
        {
            _socket.Close(0);
        }
        else
        {
            _socket.Dispose();
        }
    }

    // One that the framework has no name for is below nothing itself, and would be taken for octets.
    private static int Negated(SocketError error) => error == SocketError.SocketError ? -(int)SocketError.ConnectionReset : -(int)error;

    private static EndPoint? Plain(EndPoint? endPoint) =>
        endPoint is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port) : endPoint;

    private async Task WaitReadableAsync()
    {
        try
        {
            await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
        }
        catch (SocketException exception)
        {
            _waitError = exception.SocketErrorCode;
        }
        catch (Exception exception) when (exception is ObjectDisposedException or OperationCanceledException)
        {
            // Closed by us: nobody waits any more.
        }

        // Posted, since a call that completed at once is still within the read that asked for it.
        _reactor.Post(static state => ((SocketConnection)state!).Received(), this);
    }

    private async Task SendPieceAsync(byte[] piece, int length)
    {
        try
        {
            int sent = 0;
            while (sent < length)
            {
                sent += await _socket.SendAsync(piece.AsMemory(sent, length - sent), SocketFlags.None);
            }
        }
        catch (SocketException exception)
        {
            SetSocketError(exception.SocketErrorCode);
        }
        catch (Exception exception) when (exception is ObjectDisposedException or OperationCanceledException)
        {
            SetSocketError(SocketError.OperationAborted);
        }

        ArrayPool<byte>.Shared.Return(piece);
        _reactor.Post(static state => ((SocketConnection)state!).Sent(), this);
    }

    private void Received()
    {
        _awaitsReadable = false;
        if (!IsClosed)
        {
            OnReadable();
        }
    }

    private void Sent()
    {
        _awaitsWritable = false;
        if (!IsClosed)
        {
            OnWritable();
        }
    }
}
