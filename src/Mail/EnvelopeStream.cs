using System.Buffers;

namespace SlimtaFast.Mail;

/// <summary>Added header fields and content as one stream. Holds a reference to the content until it is disposed.</summary>
internal sealed class EnvelopeStream : Stream
{
    private readonly ReadOnlyMemory<byte> _headers;
    private readonly MessageContent _content;
    private long _position;
    private bool _disposed;

    /// <summary>Starts at the first added header field, and takes a reference to the content.</summary>
    public EnvelopeStream(ReadOnlyMemory<byte> headers, MessageContent content)
    {
        content.Retain();
        _headers = headers;
        _content = content;
    }

    /// <inheritdoc/>
    public override bool CanRead => !_disposed;

    /// <inheritdoc/>
    public override bool CanSeek => !_disposed;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => _headers.Length + _content.Length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int read = ReadHeaders(buffer.Span);
        if (read == 0 && !buffer.IsEmpty && _position < Length)
            read = await _content.ReadAsync(_position - _headers.Length, buffer, cancellationToken);
        _position += read;
        return read;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Reads without waiting, which only a content in memory allows.</summary>
    /// <exception cref="NotSupportedException">The content is on a medium: read asynchronously.</exception>
    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        ObjectDisposedException.ThrowIf(_disposed, this);
        int read = ReadHeaders(buffer.AsSpan(offset, count));
        if (read == 0 && count > 0 && _position < Length)
        {
            if (!_content.TryGetMemory(out ReadOnlySequence<byte> bytes))
                throw new NotSupportedException("This content has to be read asynchronously.");
            bytes = bytes.Slice(_position - _headers.Length);
            bytes = bytes.Slice(0, Math.Min(count, bytes.Length));
            bytes.CopyTo(buffer.AsSpan(offset));
            read = (int)bytes.Length;
        }

        _position += read;
        return read;
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => Length + offset,
    };

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _content.Release();
        }

        base.Dispose(disposing);
    }

    private int ReadHeaders(Span<byte> buffer)
    {
        if (_position >= _headers.Length)
            return 0;
        int count = (int)Math.Min(buffer.Length, _headers.Length - _position);
        _headers.Span.Slice((int)_position, count).CopyTo(buffer);
        return count;
    }
}
