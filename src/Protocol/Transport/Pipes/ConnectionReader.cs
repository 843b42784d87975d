using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;
using SlimtaFast.Protocol.Transport.Reactors;

namespace SlimtaFast.Protocol.Transport.Pipes;

/// <summary>
/// The receiving side of a connection: each read is at most one receive call, straight into the block that the caller then sees.
/// Holds blocks only while it has unconsumed bytes.
/// <para>
/// Threads: socket and pending read belong to the reactor thread. The bytes belong to the reader's user between a result and the next
/// read, and to the reactor during a read. A read that starts on another thread is posted to the reactor.
/// </para>
/// </summary>
internal sealed class ConnectionReader(ReactorConnection connection) : PipeReader, IValueTaskSource<ReadResult>
{
    private static readonly Action<object?> TokenFired = static state => ((ConnectionReader)state!).OnTokenFired();

    private Completion _completion;
    private ReceiveBuffer _buffer;
    private int _cancelRequested;
    private bool _bulk;
    private bool _unexamined;
    private bool _endOfStream;
    private bool _inResult;
    private bool _inRead;
    private bool _pending;
    private bool _completed;
    private Outcome _outcome;

    /// <summary>True once the peer has closed its side and we have seen it.</summary>
    public bool EndOfStream => _endOfStream;

    private Reactor Reactor => connection.Reactor;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        }

        ThrowIfBusy();
        bool here = Reactor.IsCurrent;
        Outcome outcome = here ? TryRead() : TryReadBuffered();
        switch (outcome)
        {
            case Outcome.Ready:
            case Outcome.Canceled:
                return new ValueTask<ReadResult>(Result(outcome));
            case Outcome.Faulted:
                return ValueTask.FromException<ReadResult>(connection.CreateException());
        }

        _completion.Begin();
        _inRead = true;
        if (here)
        {
            Park();
        }
        else
        {
            Reactor.Post(static state => ((ConnectionReader)state!).StartPosted(), this);
        }

        if (cancellationToken.CanBeCanceled)
        {
            _completion.Register(TokenFired, this, cancellationToken);
        }

        return new ValueTask<ReadResult>(this, _completion.Version);
    }

    /// <summary>
    /// Takes what is there without waiting. On other threads than the connection's own it sees only what was received before.
    /// </summary>
    public override bool TryRead(out ReadResult result)
    {
        ThrowIfBusy();
        Outcome outcome = Reactor.IsCurrent ? TryRead() : TryReadBuffered();
        if (outcome == Outcome.Faulted)
        {
            throw connection.CreateException();
        }

        result = outcome == Outcome.Pending ? default : Result(outcome);
        return outcome != Outcome.Pending;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _unexamined = _buffer.Advance(Reactor.Blocks, consumed, examined);
        _inResult = false;
    }

    public override void CancelPendingRead()
    {
        Volatile.Write(ref _cancelRequested, 1);
        Reactor.Post(static state => ((ConnectionReader)state!).OnReadable(), this);
    }

    public override void Complete(Exception? exception = null) => _completed = true;

    public ReadResult GetResult(short token)
    {
        _completion.End(token);
        _inRead = false;
        return _outcome switch
        {
            Outcome.TokenCanceled => throw new OperationCanceledException(_completion.CancellationToken),
            Outcome.Faulted => throw connection.CreateException(),
            _ => Result(_outcome),
        };
    }

    public ValueTaskSourceStatus GetStatus(short token)
    {
        if (!_completion.IsDone(token))
        {
            return ValueTaskSourceStatus.Pending;
        }

        return _outcome switch
        {
            Outcome.TokenCanceled => ValueTaskSourceStatus.Canceled,
            Outcome.Faulted => ValueTaskSourceStatus.Faulted,
            _ => ValueTaskSourceStatus.Succeeded,
        };
    }

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags, Reactor);

    /// <summary>The socket may have something, or a reason to look again came up. On the reactor's stack: the session runs within.</summary>
    public void OnReadable()
    {
        if (!_pending)
        {
            return;
        }

        Outcome outcome = TryRead();
        if (outcome == Outcome.Pending)
        {
            AwaitSocket();
        }
        else
        {
            Finish(outcome, inline: true);
        }
    }

    /// <summary>Fails a pending read after the connection got a fault.</summary>
    public void Fail(bool inline)
    {
        if (_pending)
        {
            Finish(Outcome.Faulted, inline);
        }
    }

    /// <summary>Gives the blocks back at the connection's end; true where the session had left bytes unconsumed.</summary>
    public bool Close()
    {
        bool unconsumed = !_buffer.HasNoBlock;
        if (_inResult)
        {
            // Somebody may still look at the last result: its blocks must not serve another connection. The collector takes them.
            _buffer.Abandon();
        }

        _buffer.Release(Reactor.Blocks);
        _completed = true;
        return unconsumed;
    }

    private void ThrowIfBusy()
    {
        if (_inResult | _inRead | _completed)
        {
            throw new InvalidOperationException(_completed ? "The reader is completed." : "A read is in progress already.");
        }
    }

    private ReadResult Result(Outcome outcome)
    {
        // A cancelled read needs no AdvanceTo before the next, as in Pipe.
        bool canceled = outcome == Outcome.Canceled;
        _inResult = !canceled;
        return new ReadResult(_buffer.Bytes, canceled, _endOfStream);
    }

    private void Park()
    {
        _pending = true;
        AwaitSocket();
    }

    private void StartPosted()
    {
        _pending = true;
        OnReadable();
    }

    private void AwaitSocket()
    {
        if (!connection.Readable)
        {
            connection.AwaitReadable();
        }
    }

    private void Finish(Outcome outcome, bool inline)
    {
        _pending = false;
        _outcome = outcome;
        _completion.Signal(inline);
    }

    private void OnTokenFired()
    {
        _completion.NoteCancellation();
        Reactor.Post(static state => ((ConnectionReader)state!).CancelByToken(), this);
    }

    private void CancelByToken()
    {
        if (_pending && _completion.IsCancellationDue)
        {
            Finish(Outcome.TokenCanceled, inline: true);
        }
    }

    private Outcome TryReadBuffered()
    {
        if (_cancelRequested != 0 && Interlocked.Exchange(ref _cancelRequested, 0) != 0)
        {
            return Outcome.Canceled;
        }

        if (connection.Fault != ConnectionFault.None)
        {
            return Outcome.Faulted;
        }

        return _unexamined || _endOfStream ? Outcome.Ready : Outcome.Pending;
    }

    private Outcome TryRead()
    {
        Outcome outcome = TryReadBuffered();
        if (outcome != Outcome.Pending || !connection.Readable)
        {
            return outcome;
        }

        if (--Reactor.Budget < 0)
        {
            Reactor.Post(static state => ((ConnectionReader)state!).OnReadable(), this);
            return Outcome.Pending;
        }

        return Receive();
    }

    private Outcome Receive()
    {
        Span<byte> space = _buffer.GetSpace(Reactor.Blocks, _bulk ? BlockPool.LargeSize : BlockPool.SmallSize);
        int received = connection.Receive(space);
        if (received > 0)
        {
            _buffer.Add(received);
            _unexamined = true;
            _bulk = received == space.Length;

            // A short read emptied the socket; asking again would be a call for nothing. Only the peer's end needs another look.
            connection.Readable = _bulk || connection.PeerClosed;
            return Outcome.Ready;
        }

        _buffer.ReleaseIfEmpty(Reactor.Blocks);
        connection.Readable = false;
        if (received == 0)
        {
            _endOfStream = true;
            return Outcome.Ready;
        }

        if (received == ReactorConnection.WouldBlock)
        {
            return Outcome.Pending;
        }

        connection.SetSocketError((SocketError)(-received));
        return Outcome.Faulted;
    }
}
