using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.TestKit.Connections;

/// <summary>
/// A connection without a socket, made in pairs. Whatever one side flushes the other reads; deadlines follow the given clock at once.
/// Continuations run inline, so that a test on one thread sees everything settled when its own write has ended.
/// </summary>
public sealed class MemoryConnection : Connection
{
    private readonly PipeReader _from;
    private readonly PipeWriter _to;
    private readonly MemoryReader _input;
    private readonly ITimer _timer;
    private readonly List<TimeSpan> _deadlines = [];
    private MemoryConnection? _peer;
    private volatile bool _isLate;
    private volatile bool _isAborted;

    private MemoryConnection(PipeReader from, PipeWriter to, EndPoint local, EndPoint remote, TimeProvider time)
    {
        _from = from;
        _to = to;
        _input = new MemoryReader(from, this);
        LocalEndPoint = local;
        RemoteEndPoint = remote;
        _timer = time.CreateTimer(static state => ((MemoryConnection)state!).OnDeadline(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public override PipeReader Input => _input;

    /// <inheritdoc/>
    public override PipeWriter Output => _to;

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint { get; }

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint { get; }

    /// <summary>Gathered sends and flushes of <see cref="SendAsync"/> so far.</summary>
    public int Sends { get; private set; }

    /// <summary>Every deadline that was set, in order.</summary>
    public IReadOnlyList<TimeSpan> Deadlines => _deadlines;

    /// <summary>True once it was disposed or aborted.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Makes the two ends of a connection.</summary>
    public static (MemoryConnection Client, MemoryConnection Server) CreatePair(TimeProvider? time = null, EndPoint? server = null)
    {
        time ??= TimeProvider.System;
        server ??= new IPEndPoint(IPAddress.Loopback, 25);
        var client = new IPEndPoint(IPAddress.Loopback, 40000);
        var options = new PipeOptions(
            readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false);
        Pipe up = new(options);
        Pipe down = new(options);
        var near = new MemoryConnection(down.Reader, up.Writer, client, server, time);
        var far = new MemoryConnection(up.Reader, down.Writer, server, client, time);
        near._peer = far;
        far._peer = near;
        return (near, far);
    }

    /// <inheritdoc/>
    public override async ValueTask SendAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken)
    {
        ThrowIfFaulted();
        Sends++;
        foreach (ReadOnlyMemory<byte> piece in bytes)
            _to.Write(piece.Span);
        FlushResult result = await _to.FlushAsync(cancellationToken);
        if (result.IsCompleted)
            throw new IOException("The peer has closed the connection.");
    }

    /// <inheritdoc/>
    public override void SetDeadline(TimeSpan fromNow)
    {
        _isLate = false;
        _deadlines.Add(fromNow);
        _timer.Change(fromNow, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        if (_isAborted)
            return;
        _isAborted = true;
        IsClosed = true;
        _from.CancelPendingRead();
        _peer!._isAborted = true;
        _peer._from.CancelPendingRead();
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        if (!IsClosed)
        {
            IsClosed = true;
            _to.Complete();
            _from.Complete();
        }

        return _timer.DisposeAsync();
    }

    internal void ThrowIfFaulted()
    {
        if (_isAborted)
            throw new IOException("The connection was aborted.");
        if (_isLate)
            throw new TimeoutException("The deadline has passed.");
    }

    private void OnDeadline()
    {
        _isLate = true;
        _from.CancelPendingRead();
    }
}
