using System.Buffers;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>A content read back into a rented array.</summary>
internal sealed class RentedContent : MessageContent
{
    private readonly byte[] _array;

    /// <summary>Takes over the array, at whose start the octets are.</summary>
    public RentedContent(in SpoolTrailer trailer, byte[] array)
        : base(trailer.ContentId, trailer.ContentLength, trailer.ContentCrc, trailer.ContentTraits) => _array = array;

    /// <inheritdoc/>
    public override bool TryGetMemory(out ReadOnlySequence<byte> bytes)
    {
        bytes = new ReadOnlySequence<byte>(_array, 0, (int)Length);
        return true;
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int count = (int)Math.Clamp(Length - offset, 0, buffer.Length);
        _array.AsSpan((int)Math.Min(offset, Length), count).CopyTo(buffer.Span);
        return ValueTask.FromResult(count);
    }

    /// <inheritdoc/>
    protected override void Free() => ArrayPool<byte>.Shared.Return(_array);
}
