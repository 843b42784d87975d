using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Runtime.CompilerServices;
using SlimtaFast.Protocol.Transport.Pipes;

namespace SlimtaFast.Protocol.Transport.Tls;

/// <summary>
/// The output of a connection under TLS: collects octets up to a whole record, lets the encoder write records into the connection's own
/// writer, and flushes that one, so that whatever leaves leaves in one system call as it does in clear. Holds a buffer only while it
/// has octets. Threads: as <see cref="ConnectionWriter"/>.
/// </summary>
internal sealed class TlsWriter : PipeWriter
{
    // One record's content (RFC 8446 section 5.1).
    private const int BufferLength = 16 * 1024;

    // What a large send encrypts before it waits for the socket.
    private const int BulkLength = 64 * 1024;

    private readonly ConnectionWriter _writer;
    private readonly SslStream _encoder;
    private byte[]? _buffer;
    private int _written;
    private bool _completed;

    /// <summary>Writes records of the encoder, which must write into the given writer.</summary>
    public TlsWriter(ConnectionWriter writer, SslStream encoder)
    {
        _writer = writer;
        _encoder = encoder;
    }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _written + _writer.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        ThrowIfCompleted();
        if (_buffer is not null && _buffer.Length - _written < Math.Max(sizeHint, 1))
            Encrypt();
        _buffer ??= ArrayPool<byte>.Shared.Rent(Math.Max(sizeHint, BufferLength));
        return _buffer.AsMemory(_written);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if ((uint)bytes > (uint)((_buffer?.Length ?? 0) - _written))
            throw new ArgumentOutOfRangeException(nameof(bytes));
        _written += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfCompleted();
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        try
        {
            Encrypt();
        }
        catch (Exception fault) when (fault is IOException or InvalidOperationException)
        {
            return ValueTask.FromException<FlushResult>(fault);
        }

        return _writer.FlushAsync(cancellationToken);
    }

    /// <summary>Sends what is unflushed and then the octets. They are encrypted before the task ends, so nothing of them stays behind.</summary>
    public ValueTask SendAsync(in ReadOnlySequence<byte> bytes, CancellationToken cancellationToken)
    {
        ThrowIfCompleted();
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        if (bytes.Length > BulkLength)
            return SendBulkAsync(bytes, cancellationToken);
        try
        {
            Collect(bytes);
            Encrypt();
        }
        catch (Exception fault) when (fault is IOException or InvalidOperationException)
        {
            return ValueTask.FromException(fault);
        }

        return _writer.SendAsync(default, cancellationToken);
    }

    public override void CancelPendingFlush() => _writer.CancelPendingFlush();

    /// <summary>Ends our side: what was written, then the alert that says so (RFC 8446 section 6.1), then the end of the stream.</summary>
    public override void Complete(Exception? exception = null)
    {
        if (_completed)
            return;
        if (exception is null)
        {
            Encrypt();
            SayGoodbye();
        }

        _completed = true;
        ReturnBuffer();
        _writer.Complete(exception);
    }

    /// <summary>Writes the alert that ends our side (RFC 8446 section 6.1) into the writer.</summary>
    public void SayGoodbye()
    {
        if (!_completed)
            Finish(_encoder.ShutdownAsync());
    }

    /// <summary>Gives the buffer back at the connection's end.</summary>
    public void Close()
    {
        _completed = true;
        ReturnBuffer();
    }

    // The stream under the encoder only copies, so that the encoder never waits.
    private static void Finish(Task encoding)
    {
        if (!encoding.IsCompleted)
            throw new InvalidOperationException("The encoder waits.");
        encoding.GetAwaiter().GetResult();
    }

    private void ThrowIfCompleted()
    {
        if (_completed)
            throw new InvalidOperationException("The writer is completed.");
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendBulkAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            int length = (int)Math.Min(bytes.Length, BulkLength);
            Collect(bytes.Slice(0, length));
            bytes = bytes.Slice(length);
            if (bytes.IsEmpty)
                Encrypt();
            await _writer.SendAsync(default, cancellationToken);
        }
    }

    private void Collect(in ReadOnlySequence<byte> bytes)
    {
        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            ReadOnlyMemory<byte> rest = segment;
            while (!rest.IsEmpty)
            {
                if (_written == 0 && rest.Length >= BufferLength)
                {
                    Encrypt(rest[..BufferLength]);
                    rest = rest[BufferLength..];
                    continue;
                }

                Span<byte> room = GetSpan();
                int part = Math.Min(rest.Length, room.Length);
                rest.Span[..part].CopyTo(room);
                _written += part;
                rest = rest[part..];
            }
        }
    }

    private void Encrypt()
    {
        if (_written > 0)
        {
            int written = _written;
            _written = 0;
            Encrypt(_buffer.AsMemory(0, written));
        }

        ReturnBuffer();
    }

    private void Encrypt(ReadOnlyMemory<byte> bytes)
    {
        ValueTask encoding = _encoder.WriteAsync(bytes, CancellationToken.None);
        if (encoding.IsCompletedSuccessfully)
            encoding.GetAwaiter().GetResult();
        else
            Finish(encoding.AsTask());
    }

    private void ReturnBuffer()
    {
        _written = 0;
        if (_buffer is not { } buffer)
            return;
        _buffer = null;
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
