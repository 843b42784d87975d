using System.Buffers;

namespace SlimtaFast.Mail;

/// <summary>
/// Collects a message in pooled memory, and moves it to the queue's medium when it outgrows a threshold or the common budget is spent:
/// a 100 MB message takes no more memory than the threshold.
/// </summary>
public sealed class PooledContentWriter : ContentWriter
{
    private const int SmallestBlock = 4 * 1024;
    private const int LargestBlock = 64 * 1024;

    private readonly QueueId _id;
    private readonly int _threshold;
    private readonly ContentBudget? _budget;
    private readonly Func<QueueId, ContentWriter> _beginSpill;
    private ContentSegment? _first;
    private ContentSegment? _last;
    private ContentWriter? _spill;
    private long _length;
    private long _taken;
    private uint _crc;

    /// <summary>Starts an empty content.</summary>
    /// <param name="id">The content's name.</param>
    /// <param name="threshold">Octets that may stay in memory.</param>
    /// <param name="budget">The budget shared with other contents, or null for none.</param>
    /// <param name="beginSpill">Makes the writer on the queue's medium when memory does not do.</param>
    public PooledContentWriter(QueueId id, int threshold, ContentBudget? budget, Func<QueueId, ContentWriter> beginSpill)
    {
        ArgumentNullException.ThrowIfNull(beginSpill);
        _id = id;
        _threshold = threshold;
        _budget = budget;
        _beginSpill = beginSpill;
    }

    /// <inheritdoc/>
    public override long Length => _spill?.Length ?? _length;

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_spill is not null)
            return _spill.WriteAsync(bytes, cancellationToken);
        int done = Append(bytes.Span);
        return done == bytes.Length ? ValueTask.CompletedTask : SpillAsync(bytes[done..], cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask<MessageContent> CompleteAsync(ContentTraits traits, CancellationToken cancellationToken)
    {
        if (_spill is not null)
            return _spill.CompleteAsync(traits, cancellationToken);
        var content = new PooledContent(_id, _length, _crc, traits, _first, _last, _budget, _taken);
        _first = _last = null;
        _taken = 0;
        return ValueTask.FromResult<MessageContent>(content);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        FreeBlocks();
        _spill?.Dispose();
    }

    // How many of the octets found room in memory.
    private int Append(ReadOnlySpan<byte> bytes)
    {
        int room = (int)Math.Min(bytes.Length, _threshold - _length);
        int done = 0;
        while (done < room && (_last is { Free: > 0 } || TryAddBlock(room - done)))
        {
            int part = Math.Min(room - done, _last!.Free);
            _last.Append(bytes.Slice(done, part));
            done += part;
        }

        _crc = Crc32C.Append(_crc, bytes[..done]);
        _length += done;
        return done;
    }

    private bool TryAddBlock(int needed)
    {
        int size = Math.Clamp((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)needed), SmallestBlock, LargestBlock);
        if (_budget is not null && !_budget.TryTake(size))
            return false;
        _taken += size;
        byte[] block = ArrayPool<byte>.Shared.Rent(size);
        if (_last is null)
            _first = _last = new ContentSegment(block, 0);
        else
            _last = _last.Chain(block);
        return true;
    }

    private async ValueTask SpillAsync(ReadOnlyMemory<byte> rest, CancellationToken cancellationToken)
    {
        _spill = _beginSpill(_id);
        for (ContentSegment? segment = _first; segment is not null; segment = segment.Following)
            await _spill.WriteAsync(segment.Memory, cancellationToken);
        FreeBlocks();
        await _spill.WriteAsync(rest, cancellationToken);
    }

    private void FreeBlocks()
    {
        for (ContentSegment? segment = _first; segment is not null; segment = segment.Following)
            ArrayPool<byte>.Shared.Return(segment.Block);
        _first = _last = null;
        _budget?.Return(_taken);
        _taken = 0;
    }
}
