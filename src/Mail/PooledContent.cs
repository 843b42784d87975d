using System.Buffers;

namespace SlimtaFast.Mail;

/// <summary>A content in pooled blocks of memory. Releasing the last reference returns the blocks and the budget.</summary>
internal sealed class PooledContent : MessageContent
{
    private readonly ContentBudget? _budget;
    private readonly long _taken;
    private readonly ContentSegment? _last;
    private ContentSegment? _first;

    /// <summary>Takes over the chain of blocks and what was taken of the budget for it.</summary>
    public PooledContent(QueueId id, long length, uint crc, ContentTraits traits, ContentSegment? first, ContentSegment? last, ContentBudget? budget, long taken)
        : base(id, length, crc, traits)
    {
        _first = first;
        _last = last;
        _budget = budget;
        _taken = taken;
    }

    /// <inheritdoc/>
    public override bool TryGetMemory(out ReadOnlySequence<byte> bytes)
    {
        bytes = _first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(_first, 0, _last!, _last!.Used);
        return true;
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        TryGetMemory(out ReadOnlySequence<byte> bytes);
        if (offset >= bytes.Length)
            return ValueTask.FromResult(0);
        bytes = bytes.Slice(offset, Math.Min(buffer.Length, bytes.Length - offset));
        bytes.CopyTo(buffer.Span);
        return ValueTask.FromResult((int)bytes.Length);
    }

    /// <inheritdoc/>
    protected override void Free()
    {
        for (ContentSegment? segment = _first; segment is not null; segment = segment.Following)
            ArrayPool<byte>.Shared.Return(segment.Block);
        _first = null;
        _budget?.Return(_taken);
    }
}
