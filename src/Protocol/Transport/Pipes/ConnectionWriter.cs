using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;
using SlimtaFast.Protocol.Transport.Reactors;

namespace SlimtaFast.Protocol.Transport.Pipes;

/// <summary>
/// The sending side of a connection: a flush is a send call straight from the block that the caller wrote to. What the socket does not
/// take stays in the blocks until it does. Holds blocks only while it has unsent bytes.
/// <para>Threads: as <see cref="ConnectionReader"/>.</para>
/// </summary>
internal sealed class ConnectionWriter(ReactorConnection connection) : PipeWriter, IValueTaskSource<FlushResult>, IValueTaskSource
{
    private static readonly Action<object?> TokenFired = static state => ((ConnectionWriter)state!).OnTokenFired();

    private Completion _completion;
    private SendQueue _queue;
    private int _cancelRequested;
    private bool _inFlush;
    private bool _pending;
    private bool _completed;
    private bool _finishing;
    private Outcome _outcome;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _queue.Written;

    /// <summary>True where flushed bytes did not all go out.</summary>
    public bool HasUnsent => _pending || _finishing || _queue.HasAttached;

    private Reactor Reactor => connection.Reactor;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ThrowIfBusy();
        return _queue.GetSpace(Reactor.Blocks, sizeHint);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes) => _queue.Add(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        switch (Begin(cancellationToken))
        {
            case Outcome.Pending:
                return new ValueTask<FlushResult>(this, _completion.Version);
            case Outcome.Faulted:
                return ValueTask.FromException<FlushResult>(connection.CreateException());
            case Outcome.TokenCanceled:
                return ValueTask.FromCanceled<FlushResult>(cancellationToken);
            case Outcome.Canceled:
                return new ValueTask<FlushResult>(new FlushResult(isCanceled: true, isCompleted: false));
            default:
                return default;
        }
    }

    /// <summary>
    /// Sends what is unflushed and then <paramref name="bytes"/>, without copying them. If it fails or is cancelled after a part of
    /// them left, the stream is broken and the connection aborted.
    /// </summary>
    public ValueTask SendAsync(in ReadOnlySequence<byte> bytes, CancellationToken cancellationToken)
    {
        ThrowIfBusy();
        _queue.Attach(bytes);
        switch (Begin(cancellationToken))
        {
            case Outcome.Pending:
                return new ValueTask(this, _completion.Version);
            case Outcome.Faulted:
                Detach();
                return ValueTask.FromException(connection.CreateException());
            case Outcome.TokenCanceled:
                _queue.Detach();
                return ValueTask.FromCanceled(cancellationToken);
            case Outcome.Canceled:
                Detach();
                return ValueTask.FromException(new OperationCanceledException("The flush was cancelled."));
            default:
                return default;
        }
    }

    public override void CancelPendingFlush()
    {
        Volatile.Write(ref _cancelRequested, 1);
        Reactor.Post(static state => ((ConnectionWriter)state!).OnWritable(), this);
    }

    /// <summary>Ends our side of the stream after what was written: the peer reads to the end, and we may go on reading.</summary>
    public override void Complete(Exception? exception = null)
    {
        if (_completed)
        {
            return;
        }

        _completed = true;
        if (exception is not null)
        {
            connection.Abort();
        }
        else if (Reactor.IsCurrent)
        {
            StartFinishing();
        }
        else
        {
            Reactor.Post(static state => ((ConnectionWriter)state!).StartFinishing(), this);
        }
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token)
    {
        EndFlush(token);
        return new FlushResult(_outcome == Outcome.Canceled, isCompleted: false);
    }

    void IValueTaskSource.GetResult(short token)
    {
        EndFlush(token);
        if (_outcome == Outcome.Canceled)
        {
            throw new OperationCanceledException("The flush was cancelled.");
        }
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

    /// <summary>The socket takes bytes again, or a reason to look again came up. On the reactor's stack: the session runs within.</summary>
    public void OnWritable()
    {
        if (_finishing)
        {
            ContinueFinishing();
            return;
        }

        if (!_pending)
        {
            return;
        }

        Outcome outcome = TrySend();
        if (outcome != Outcome.Pending)
        {
            Finish(outcome, inline: true);
        }
    }

    /// <summary>Sends what the socket takes now; only on the reactor thread and with no flush in progress.</summary>
    public void TryFlush()
    {
        if (!_inFlush && !_completed)
        {
            TrySend();
        }
    }

    /// <summary>True while a flush waits for the socket.</summary>
    public bool IsPending => _pending;

    /// <summary>Fails a pending flush after the connection got a fault.</summary>
    public void Fail(bool inline)
    {
        _finishing = false;
        if (_pending)
        {
            Finish(Outcome.Faulted, inline);
        }
    }

    /// <summary>Gives the blocks back at the connection's end.</summary>
    public void Close()
    {
        _queue.Clear(Reactor.Blocks);
        _completed = true;
        _finishing = false;
    }

    private void ThrowIfBusy()
    {
        if (_inFlush | _completed)
        {
            throw new InvalidOperationException(_completed ? "The writer is completed." : "A flush is in progress already.");
        }
    }

    private Outcome Begin(CancellationToken cancellationToken)
    {
        ThrowIfBusy();
        if (cancellationToken.IsCancellationRequested)
        {
            return Outcome.TokenCanceled;
        }

        bool here = Reactor.IsCurrent;
        if (here)
        {
            Outcome outcome = TrySend();
            if (outcome != Outcome.Pending)
            {
                return outcome;
            }
        }

        _completion.Begin();
        _inFlush = true;
        if (here)
        {
            _pending = true;
        }
        else
        {
            Reactor.Post(static state => ((ConnectionWriter)state!).StartPosted(), this);
        }

        if (cancellationToken.CanBeCanceled)
        {
            _completion.Register(TokenFired, this, cancellationToken);
        }

        return Outcome.Pending;
    }

    private void StartPosted()
    {
        _pending = true;
        OnWritable();
    }

    private void Finish(Outcome outcome, bool inline)
    {
        _pending = false;
        _outcome = outcome;
        if (outcome != Outcome.Ready)
        {
            Detach();
        }

        _completion.Signal(inline);
    }

    private void EndFlush(short token)
    {
        _completion.End(token);
        _inFlush = false;
        switch (_outcome)
        {
            case Outcome.TokenCanceled:
                throw new OperationCanceledException(_completion.CancellationToken);
            case Outcome.Faulted:
                throw connection.CreateException();
        }
    }

    private void OnTokenFired()
    {
        _completion.NoteCancellation();
        Reactor.Post(static state => ((ConnectionWriter)state!).CancelByToken(), this);
    }

    private void CancelByToken()
    {
        if (_pending && _completion.IsCancellationDue)
        {
            Finish(Outcome.TokenCanceled, inline: true);
        }
    }

    /// <summary>Gives up the caller's bytes: they may be gone when its task has ended, so the rest of them can never follow.</summary>
    private void Detach()
    {
        if (_queue.HasAttached)
        {
            _queue.Detach();
            connection.Break();
        }
    }

    private Outcome TrySend()
    {
        while (true)
        {
            if (_cancelRequested != 0 && Interlocked.Exchange(ref _cancelRequested, 0) != 0)
            {
                return Outcome.Canceled;
            }

            if (connection.Fault != ConnectionFault.None)
            {
                return Outcome.Faulted;
            }

            if (_queue.IsDone(Reactor.Blocks))
            {
                return Outcome.Ready;
            }

            if (--Reactor.Budget < 0)
            {
                Reactor.Post(static state => ((ConnectionWriter)state!).OnWritable(), this);
                return Outcome.Pending;
            }

            int sent = _queue.Send(connection);
            if (sent >= 0)
            {
                _queue.Remove(Reactor.Blocks, sent);
                continue;
            }

            if (sent != ReactorConnection.WouldBlock)
            {
                connection.SetSocketError((SocketError)(-sent));
                return Outcome.Faulted;
            }

            int taken = connection.AwaitWritable(_queue.GetFirst());
            if (taken > 0)
            {
                _queue.Remove(Reactor.Blocks, taken);
            }

            return Outcome.Pending;
        }
    }

    private void StartFinishing()
    {
        _finishing = true;
        ContinueFinishing();
    }

    private void ContinueFinishing()
    {
        Outcome outcome = TrySend();
        if (outcome == Outcome.Ready)
        {
            _finishing = false;
            connection.EndOutput();
        }
        else if (outcome == Outcome.Faulted)
        {
            _finishing = false;
        }
    }
}
