using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using SlimtaFast.Protocol.Transport.Reactors;
using SlimtaFast.Protocol.Transport.Tls;

namespace SlimtaFast.Protocol.Transport.Pipes;

/// <summary>
/// A connection served by one reactor: deadline, faults, and the way to its end. Derived types bring the socket. Whatever the calling
/// thread, the socket is touched on the reactor thread only.
/// </summary>
internal abstract class ReactorConnection : Connection
{
    /// <summary><see cref="Deadline"/> of a connection that has none.</summary>
    public const long NoDeadline = long.MaxValue;

    /// <summary>What the socket calls return where they would wait.</summary>
    public const int WouldBlock = -(int)SocketError.WouldBlock;

    /// <summary>How much of what the peer still sends is read and dropped while closing, so that our last reply is not lost.</summary>
    private const int LingerBytes = 64 * 1024;

    private const int LingerMilliseconds = 2000;

    private readonly ConnectionReader _input;
    private readonly ConnectionWriter _output;
    private TlsLayer? _tls;
    private EndPoint? _remote;
    private EndPoint? _local;
    private TaskCompletionSource? _closing;
    private SocketError _error;
    private int _lingerBytes;
    private int _disposeRequested;
    private bool _outputEnded;
    private bool _broken;
    private bool _lingering;
    private bool _closed;

    protected ReactorConnection(Reactor reactor)
    {
        Reactor = reactor;
        _input = new ConnectionReader(this);
        _output = new ConnectionWriter(this);
    }

    public sealed override PipeReader Input => _tls?.Input ?? (PipeReader)_input;

    public sealed override PipeWriter Output => _tls?.Output ?? (PipeWriter)_output;

    public sealed override TlsFacts? TlsFacts => _tls?.Facts;

    public sealed override EndPoint? RemoteEndPoint => _remote;

    public sealed override EndPoint? LocalEndPoint => _local;

    /// <summary>Who serves it.</summary>
    public Reactor Reactor { get; }

    /// <summary>The deadline in the milliseconds of <see cref="CoarseClock"/>.</summary>
    public long Deadline { get; private set; } = NoDeadline;

    /// <summary>Place in the <see cref="DeadlineWheel"/>: the second, or -1.</summary>
    public long Bucket { get; set; } = -1;

    /// <summary>The next connection of the same second.</summary>
    public ReactorConnection? NextDue { get; set; }

    /// <summary>The previous connection of the same second.</summary>
    public ReactorConnection? PreviousDue { get; set; }

    /// <summary>False where a receive call is known to find nothing.</summary>
    public bool Readable { get; set; }

    /// <summary>True once the peer's end or an error is in the socket, perhaps behind bytes.</summary>
    public bool PeerClosed { get; protected set; }

    /// <summary>Why reads and flushes fail.</summary>
    public ConnectionFault Fault { get; private set; }

    /// <summary>True once the socket is closed.</summary>
    protected bool IsClosed => _closed;

    /// <summary>True while a piece that <see cref="AwaitWritable"/> took over is not sent.</summary>
    protected virtual bool HasPieceUnsent => false;

    public sealed override ValueTask SendAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken) =>
        _tls?.Output is { } output ? output.SendAsync(bytes, cancellationToken) : _output.SendAsync(bytes, cancellationToken);

    public sealed override ValueTask<TlsFacts> AuthenticateAsServerAsync(TlsServerSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        TlsLayer layer = BeginTls();
        return OpenTlsAsync(layer, layer.AcceptAsync(settings, cancellationToken));
    }

    public sealed override ValueTask<TlsFacts> AuthenticateAsClientAsync(TlsClientSettings settings, string serverName, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(serverName);
        TlsLayer layer = BeginTls();
        return OpenTlsAsync(layer, layer.ConnectAsync(settings, serverName, cancellationToken));
    }

    public sealed override ReadOnlyMemory<byte> ChannelBinding(string kind) => _tls?.GetChannelBinding(kind) ?? default;

    public sealed override void SetDeadline(TimeSpan fromNow)
    {
        if (fromNow == Timeout.InfiniteTimeSpan)
        {
            Deadline = NoDeadline;
        }
        else
        {
            // The clock may be a second behind; a deadline may come late but not early.
            Deadline = Reactor.Clock.Now + CoarseClock.Resolution + Math.Max(0, (long)fromNow.TotalMilliseconds);
        }

        if (Fault == ConnectionFault.TimedOut)
        {
            Fault = ConnectionFault.None;
        }

        if (!Reactor.IsCurrent)
        {
            Reactor.Post(static state => ((ReactorConnection)state!).Arm(), this);
        }
        else if (Bucket < 0 || Deadline < Bucket * CoarseClock.Resolution)
        {
            Arm();
        }
    }

    public sealed override void Abort()
    {
        if (Reactor.IsCurrent)
        {
            End(ConnectionFault.Aborted, reset: true);
        }
        else
        {
            Reactor.Post(static state => ((ReactorConnection)state!).End(ConnectionFault.Aborted, reset: true), this);
        }
    }

    public sealed override ValueTask DisposeAsync()
    {
        if (Reactor.IsCurrent)
        {
            BeginClose();
            if (_closed)
            {
                return default;
            }

            return new ValueTask(Closing().Task);
        }

        return new ValueTask(DisposeElsewhere());
    }

    /// <summary>Receives without waiting: a count, 0 at the end, or a negated <see cref="SocketError"/>.</summary>
    public abstract int Receive(Span<byte> buffer);

    /// <summary>Sends without waiting: a count, or a negated <see cref="SocketError"/>.</summary>
    public abstract int Send(ReadOnlySpan<byte> bytes);

    /// <summary>Sends both one after the other without waiting: a count, perhaps of a part, or a negated <see cref="SocketError"/>.</summary>
    public abstract int SendGathered(in ReadOnlySequence<byte> first, in ReadOnlySequence<byte> second);

    /// <summary>Makes sure that <see cref="OnReadable"/> is called when there is something to receive.</summary>
    public abstract void AwaitReadable();

    /// <summary>
    /// Makes sure that <see cref="OnWritable"/> is called when the socket takes bytes again. Returns how many of
    /// <paramref name="next"/> it took over to send them by itself.
    /// </summary>
    public abstract int AwaitWritable(ReadOnlySpan<byte> next);

    /// <summary>Lets the session fail after its deadline. On the reactor's stack.</summary>
    public void Expire()
    {
        if (_lingering)
        {
            Finish(reset: false);
            return;
        }

        if (Fault == ConnectionFault.None)
        {
            Fault = ConnectionFault.TimedOut;
            FailPending(inline: true);
        }
    }

    /// <summary>Notes an error of the socket.</summary>
    public void SetSocketError(SocketError error)
    {
        if (Fault is ConnectionFault.None or ConnectionFault.TimedOut)
        {
            Fault = ConnectionFault.SocketError;
            _error = error;
        }
    }

    /// <summary>The stream to the peer misses bytes: nothing more may be sent.</summary>
    public void Break()
    {
        _broken = true;
        if (Reactor.IsCurrent)
        {
            End(ConnectionFault.Aborted, reset: true);
        }
        else
        {
            Abort();
        }
    }

    /// <summary>Ends our side of the stream.</summary>
    public void EndOutput()
    {
        if (!_closed && !_outputEnded)
        {
            _outputEnded = true;
            ShutdownSend();
        }
    }

    /// <summary>What a read or flush fails with now.</summary>
    public Exception CreateException() => Fault switch
    {
        ConnectionFault.TimedOut => new TimeoutException("The deadline of the connection passed."),
        ConnectionFault.SocketError => new IOException("The connection failed: " + _error + ".", new SocketException((int)_error)),
        ConnectionFault.Disposed => new IOException("The connection is closed."),
        _ => new IOException("The connection was aborted."),
    };

    /// <summary>Sets the addresses; before anyone else sees the connection.</summary>
    protected void SetEndPoints(EndPoint? local, EndPoint? remote)
    {
        _local = local;
        _remote = remote;
    }

    /// <summary>To be called on the reactor's stack when there may be something to receive.</summary>
    protected void OnReadable()
    {
        Readable = true;
        if (_lingering)
        {
            Drain();
        }
        else
        {
            _input.OnReadable();
        }
    }

    /// <summary>To be called on the reactor's stack when the socket takes bytes again.</summary>
    protected void OnWritable() => _output.OnWritable();

    /// <summary>Sends the end of our side.</summary>
    protected abstract void ShutdownSend();

    /// <summary>Closes the socket; called once.</summary>
    protected abstract void CloseSocket(bool reset);

    private TlsLayer BeginTls()
    {
        if (_tls is not null)
            throw new InvalidOperationException("The connection uses TLS already.");
        if (_output.UnflushedBytes > 0)
            throw new InvalidOperationException("The connection has unflushed output.");
        return _tls = new TlsLayer(_input, _output);
    }

    private async ValueTask<TlsFacts> OpenTlsAsync(TlsLayer layer, Task handshake)
    {
        await handshake;
        layer.Open(_input, _output, Reactor);
        return layer.Facts!;
    }

    private void Arm()
    {
        if (Deadline != NoDeadline && !_closed)
        {
            Reactor.Deadlines.Schedule(this);
        }
    }

    private void FailPending(bool inline)
    {
        // The session goes on within the first call where that is allowed, and may begin a flush: its farewell, which must not fail too.
        bool isFlushing = _output.IsPending;
        _input.Fail(inline);
        if (isFlushing || !_output.IsPending)
        {
            _output.Fail(inline);
        }
    }

    private async Task DisposeElsewhere()
    {
        TaskCompletionSource closing = Closing();
        if (Interlocked.Exchange(ref _disposeRequested, 1) == 0)
        {
            Reactor.Post(static state => ((ReactorConnection)state!).BeginClose(), this);
        }

        await closing.Task.ConfigureAwait(false);
    }

    private TaskCompletionSource Closing()
    {
        if (Volatile.Read(ref _closing) is { } closing)
        {
            return closing;
        }

        closing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return Interlocked.CompareExchange(ref _closing, closing, null) ?? closing;
    }

    /// <summary>Fails what is pending and closes, without politeness.</summary>
    private void End(ConnectionFault fault, bool reset)
    {
        if (Fault is ConnectionFault.None or ConnectionFault.TimedOut)
        {
            Fault = fault;
        }

        Finish(reset);

        // Not within this call: the caller may be the very session that waits, or hold half-changed state.
        FailPending(inline: false);
    }

    private void BeginClose()
    {
        if (_closed)
        {
            CloseSides();
            _closing?.TrySetResult();
            return;
        }

        if (_lingering)
        {
            return;
        }

        bool failed = Fault != ConnectionFault.None || _broken;
        bool unsent = _output.HasUnsent || HasPieceUnsent;
        if (!failed)
        {
            if (!unsent && _tls is { } tls)
            {
                // What the socket does not take at once is left out.
                tls.SayGoodbye();
                _output.TryFlush();
            }

            Fault = ConnectionFault.Disposed;
        }

        FailPending(inline: false);
        bool unread = CloseSides();
        if (failed || unsent || (_input.EndOfStream && !unread))
        {
            // At the peer's end nothing is in flight towards us, so a plain close cannot turn into a reset.
            Finish(reset: unsent);
            return;
        }

        // A close with bytes in our receive buffer, or on their way to it, resets the connection, and the reset may overtake our last
        // reply (RFC 1122 section 4.2.2.13). So we end our side, and read for a moment what the peer still sends.
        EndOutput();
        _lingering = true;
        Deadline = Reactor.Clock.Now + CoarseClock.Resolution + LingerMilliseconds;
        Reactor.Deadlines.Schedule(this);
        Drain();
    }

    private bool CloseSides()
    {
        _tls?.Dispose();
        bool unread = _input.Close();
        _output.Close();
        return unread;
    }

    private void Drain()
    {
        Block scratch = Reactor.Blocks.Rent(BlockPool.SmallSize);
        int received = WouldBlock;
        while (!_closed && Readable && _lingerBytes < LingerBytes)
        {
            received = Receive(scratch.Bytes);
            if (received <= 0)
            {
                break;
            }

            _lingerBytes += received;
            Readable = received == scratch.Bytes.Length || PeerClosed;
            received = WouldBlock;
        }

        Reactor.Blocks.Return(scratch);
        if (received != WouldBlock || _lingerBytes >= LingerBytes)
        {
            Finish(reset: false);
            return;
        }

        Readable = false;
        AwaitReadable();
    }

    private void Finish(bool reset)
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        _lingering = false;
        Deadline = NoDeadline;
        Reactor.Deadlines.Remove(this);
        Reactor.RemoveConnection();
        CloseSocket(reset);
        _closing?.TrySetResult();
    }
}
