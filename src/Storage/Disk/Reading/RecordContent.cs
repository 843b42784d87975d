using System.Buffers;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk.Reading;

/// <summary>A small content read back with its head: a slice of the pooled buffer that holds the whole record.</summary>
internal sealed class RecordContent : MessageContent
{
    private readonly int _start;
    private byte[]? _record;

    /// <summary>Takes over a rented buffer.</summary>
    public RecordContent(QueueId id, int length, uint crc, ContentTraits traits, byte[] record, int start)
        : base(id, length, crc, traits)
    {
        _record = record;
        _start = start;
    }

    /// <inheritdoc/>
    public override bool TryGetMemory(out ReadOnlySequence<byte> bytes)
    {
        ObjectDisposedException.ThrowIf(_record is null, this);
        bytes = new ReadOnlySequence<byte>(_record, _start, (int)Length);
        return true;
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_record is null, this);
        int count = (int)Math.Clamp(Length - offset, 0, buffer.Length);
        if (count > 0)
            _record.AsSpan(_start + (int)offset, count).CopyTo(buffer.Span);
        return ValueTask.FromResult(count);
    }

    /// <inheritdoc/>
    protected override void Free()
    {
        ArrayPool<byte>.Shared.Return(_record!);
        _record = null;
    }
}
