using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace SlimtaFast.Protocol.Transport.Tls;

/// <summary>
/// The encrypted side of TLS as the stream that <see cref="System.Net.Security.SslStream"/> wants: records from the connection's own
/// reader, records to its own writer. It hands out at most the rest of one record at a time (RFC 8446 section 5.1), so that nothing is
/// left in the depth of the decoder where nobody can see it. What is written waits in the writer; only during the handshake, when
/// nobody else would, the stream sends it itself. Threads: as the connection's reader and writer.
/// </summary>
internal sealed class RecordStream : Stream, IValueTaskSource<int>
{
    private const int HeaderLength = 5;

    // RFC 5246 section 6.2.3: 2^14 octets and up to 2048 that protect them. RFC 8446 allows less.
    private const int LongestRecord = (16 * 1024) + 2048;

    private readonly PipeReader _reader;
    private readonly PipeWriter _writer;
    private readonly Action _onReceived;
    private ManualResetValueTaskSourceCore<int> _completion;
    private ReadOnlySequence<byte> _received;
    private Memory<byte> _wanted;
    private ValueTaskAwaiter<ReadResult> _receiving;
    private int _headerTaken;
    private int _recordLeft;
    private int _recordLength;
    private bool _holdsResult;

    /// <summary>Lies over both sides of a connection in clear.</summary>
    public RecordStream(PipeReader reader, PipeWriter writer)
    {
        _reader = reader;
        _writer = writer;
        _onReceived = OnReceived;
    }

    /// <summary>True until the handshake is done.</summary>
    public bool IsHandshaking { get; set; } = true;

    /// <summary>Cancels a wait in the middle of a record.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <summary>True where the peer has ended its side.</summary>
    public bool IsEnd { get; private set; }

    /// <summary>True where octets were received that the decoder has not got.</summary>
    public bool HasReceived => !_received.IsEmpty;

    /// <summary>What the connection failed with, because the decoder wraps it.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>True where a wait in the middle of a record ended because somebody cancelled the read.</summary>
    public bool WasCanceled { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>
    /// True where the decoder would not wait: a whole record is here, or what is here is not one and the decoder shall find out, or the
    /// stream is at its end.
    /// </summary>
    public bool HasRecord()
    {
        if (IsEnd)
            return true;
        if (_headerTaken > 0 || _recordLeft > 0)
            return HasReceived;
        if (_received.Length < HeaderLength)
            return false;
        Span<byte> header = stackalloc byte[HeaderLength];
        _received.Slice(0, HeaderLength).CopyTo(header);
        int length = BinaryPrimitives.ReadUInt16BigEndian(header[3..]);
        return header[0] is < 20 or > 23 || length > LongestRecord || _received.Length >= HeaderLength + length;
    }

    /// <summary>Takes over what was read from the connection.</summary>
    public void Accept(in ReadResult result)
    {
        _received = result.Buffer;
        _holdsResult = true;
        IsEnd = result.IsCompleted;
    }

    /// <summary>Lets the reader wait for more: all that is here was looked at.</summary>
    public void Release()
    {
        if (!_holdsResult)
            return;
        _holdsResult = false;
        ReadOnlySequence<byte> rest = _received;
        _received = default;
        _reader.AdvanceTo(rest.Start, rest.End);
    }

    /// <summary>Forgets a failure that its reader was told.</summary>
    public void ClearFault()
    {
        Fault = null;
        WasCanceled = false;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return default;
        if (HasReceived)
            return ValueTask.FromResult(Take(buffer.Span));
        if (IsEnd)
            return default;
        _wanted = buffer;
        _completion.Reset();
        Receive();
        return new ValueTask<int>(this, _completion.Version);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _writer.Write(buffer.Span);
        return IsHandshaking ? SendAsync() : default;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous reads.");

    public override void Write(byte[] buffer, int offset, int count) => _writer.Write(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    int IValueTaskSource<int>.GetResult(short token) => _completion.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);

    private async ValueTask SendAsync()
    {
        try
        {
            await _writer.FlushAsync(Cancellation);
        }
        catch (Exception fault)
        {
            Fault = fault;
            throw;
        }
    }

    private int Take(Span<byte> room)
    {
        int count = (int)Math.Min(Math.Min(room.Length, _received.Length), _recordLeft > 0 ? _recordLeft : HeaderLength - _headerTaken);
        ReadOnlySequence<byte> taken = _received.Slice(0, count);
        taken.CopyTo(room);
        if (_recordLeft > 0)
            _recordLeft -= count;
        else
            TakeHeader(room[..count]);
        _received = _received.Slice(count);
        if (_received.IsEmpty)
            Release();
        return count;
    }

    // Type and version are the decoder's business; here only the length counts.
    private void TakeHeader(ReadOnlySpan<byte> octets)
    {
        foreach (byte octet in octets)
        {
            if (_headerTaken++ >= HeaderLength - 2)
                _recordLength = ((_recordLength << 8) | octet) & 0xFFFF;
        }

        if (_headerTaken < HeaderLength)
            return;
        _headerTaken = 0;
        _recordLeft = _recordLength;
        _recordLength = 0;
    }

    private void Receive()
    {
        try
        {
            Release();
#pragma warning disable CA2012 // Awaited by hand, once: it may happen for each record.
            _receiving = _reader.ReadAsync(Cancellation).GetAwaiter();
#pragma warning restore CA2012
        }
        catch (InvalidOperationException closed)
        {
            // The connection was closed under the handshake.
            Fail(new IOException("The connection is closed.", closed));
            return;
        }

        if (_receiving.IsCompleted)
            OnReceived();
        else
            _receiving.UnsafeOnCompleted(_onReceived);
    }

    private void OnReceived()
    {
        try
        {
            ReadResult result = _receiving.GetResult();
            if (result.IsCanceled && !IsHandshaking)
            {
                WasCanceled = true;
                Fail(new OperationCanceledException("The read was cancelled."));
                return;
            }

            if (!result.IsCanceled)
                Accept(in result);
        }
        catch (Exception fault)
        {
            Fault = fault;
            Fail(fault);
            return;
        }

        if (HasReceived || IsEnd)
            Complete();
        else
            Receive();
    }

    // The decoder awaits without a context. With the reactor's context current, the runtime would send such continuations through the
    // thread pool; with none they run here, on the reactor.
    private void Complete()
    {
        int count = HasReceived ? Take(_wanted.Span) : 0;
        _wanted = default;
        SynchronizationContext? context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            _completion.SetResult(count);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private void Fail(Exception fault)
    {
        _wanted = default;
        SynchronizationContext? context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            _completion.SetException(fault);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }
}
