using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Conversion;

/// <summary>
/// A content as a stream for MimeKit: asynchronous reading only. Does not own a reference. Fails with <see cref="FormatException"/> where
/// what was read would take MimeKit too long (<see cref="FoldBudget"/>).
/// </summary>
internal sealed class ContentStream(MessageContent content) : Stream
{
    private long _position;
    private FoldBudget _folds;

    /// <summary>
    /// True while the reader is within the body of a part, where it looks for nothing but the end. It reads a few kilobytes ahead, so a little of
    /// a header is taken for body, and the other way round.
    /// </summary>
    public bool IsInBody { get; set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => content.Length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await content.ReadAsync(_position, buffer, cancellationToken);
        _position += read;
        if (IsInBody)
            _folds.PassOver();
        else if (!_folds.TrySpend(buffer.Span[..read]))
            throw new FormatException("The message holds header fields that are folded too often.");
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("A content is read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
