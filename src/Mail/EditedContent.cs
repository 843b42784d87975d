using System.Buffers;
using SlimtaFast.Mail.Editing;

namespace SlimtaFast.Mail;

/// <summary>
/// A content that begins with other octets than the one it was made of, and goes on as that one does: a message whose header section was
/// edited. The new beginning is in memory, the rest is read from the original, which is neither copied nor read to make this; its
/// checksum follows from the original's. Holds a reference to the original. Reading and counting are thread-safe.
/// </summary>
public sealed class EditedContent : MessageContent
{
    private readonly ReadOnlyMemory<byte> _start;
    private readonly MessageContent _original;
    private readonly int _replaced;
    private readonly bool _isInMemory;
    private readonly ReadOnlySequence<byte> _bytes;

    /// <summary>Puts other octets in place of those that a content begins with.</summary>
    /// <param name="id">The name of the new content, which has to be its own: two contents of one name are taken for one.</param>
    /// <param name="start">The new octets, which the content keeps.</param>
    /// <param name="replaced">The octets that the original begins with and that they replace.</param>
    /// <param name="original">The content that gives the rest; retained.</param>
    /// <exception cref="ObjectDisposedException">The original is already released.</exception>
    public EditedContent(QueueId id, ReadOnlyMemory<byte> start, ReadOnlySpan<byte> replaced, MessageContent original)
        : base(
            id,
            start.Length + RestLength(original, replaced.Length),
            original.Crc ^ Crc32C.Shift(Crc32C.Compute(replaced) ^ Crc32C.Compute(start.Span), RestLength(original, replaced.Length)),
            TraitScan.Combine(start.Span, original.Traits, RestLength(original, replaced.Length)))
    {
        original.Retain();
        _start = start;
        _original = original;
        _replaced = replaced.Length;
        _isInMemory = original.TryGetMemory(out ReadOnlySequence<byte> bytes);
        if (_isInMemory)
            _bytes = SequencePiece.Join(start, bytes.Slice(replaced.Length));
    }

    /// <summary>Octets of the new beginning.</summary>
    public int StartLength => _start.Length;

    /// <summary>Octets that this content holds in memory itself, with those of edits that it was made of, whatever the received one holds.</summary>
    public long OwnOctets => _start.Length + ((_original as EditedContent)?.OwnOctets ?? 0);

    /// <summary>True where another content was made of the same original in the same way, so that the two have the same octets.</summary>
    public bool IsSameEdit(EditedContent other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Crc == other.Crc && ReferenceEquals(_original, other._original) && _replaced == other._replaced && _start.Span.SequenceEqual(other._start.Span);
    }

    /// <inheritdoc/>
    public override long OctetsInMemory => _start.Length + _original.OctetsInMemory;

    /// <inheritdoc/>
    public override bool TryGetMemory(out ReadOnlySequence<byte> bytes)
    {
        bytes = _bytes;
        return _isInMemory;
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int done = 0;
        if (offset < _start.Length)
        {
            done = Math.Min(buffer.Length, _start.Length - (int)offset);
            _start.Slice((int)offset, done).CopyTo(buffer);
        }

        long rest = _replaced + Math.Max(0, offset - _start.Length);
        if (done == buffer.Length || rest >= _original.Length)
            return done;
        return done + await _original.ReadAsync(rest, buffer[done..], cancellationToken);
    }

    /// <inheritdoc/>
    protected override void Free() => _original.Release();

    private static long RestLength(MessageContent original, int replaced)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(replaced, original.Length);
        return original.Length - replaced;
    }
}
