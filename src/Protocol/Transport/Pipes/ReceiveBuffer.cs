using System.Buffers;
using SlimtaFast.Protocol.Transport.Reactors;

namespace SlimtaFast.Protocol.Transport.Pipes;

/// <summary>The received bytes that are not consumed: a chain of blocks, none while it is empty. A field of its owner, never copied.</summary>
internal struct ReceiveBuffer
{
    /// <summary>Free space that makes a receive call worth while; with less, the rest moves or a block is chained.</summary>
    private const int LeastSpace = BlockPool.SmallSize / 4;

    /// <summary>A rest of at most this many bytes is moved to the start of a block: cheaper than a sequence of two segments.</summary>
    private const int MostMoved = 2048;

    private Block? _head;
    private Block? _tail;
    private int _start;
    private int _end;

    /// <summary>True where no block is held.</summary>
    public readonly bool HasNoBlock => _head is null;

    /// <summary>The bytes.</summary>
    public readonly ReadOnlySequence<byte> Bytes => _head is null ? default : new ReadOnlySequence<byte>(_head, _start, _tail!, _end);

    /// <summary>Room to receive into; a block of <paramref name="size"/> bytes where a new one is needed.</summary>
    public Span<byte> GetSpace(BlockPool pool, int size)
    {
        if (_tail is not { } tail)
        {
            _head = _tail = pool.Rent(size);
            _start = _end = 0;
            return _tail.Bytes;
        }

        if (tail.Bytes.Length - _end < LeastSpace)
        {
            int rest = _end - _start;
            if (!ReferenceEquals(_head, tail) || rest > MostMoved)
            {
                Block next = pool.Rent(size);
                tail.Append(next, _end);
                _tail = next;
                _end = 0;
            }
            else
            {
                Move(pool, tail, size, rest);
            }
        }

        return _tail!.Bytes.AsSpan(_end);
    }

    /// <summary>Adds what was received into the space.</summary>
    public void Add(int count) => _end += count;

    /// <summary>Consumes up to a position of <see cref="Bytes"/>; returns true where bytes lie beyond the one examined.</summary>
    /// <exception cref="InvalidOperationException">A position is not one of them.</exception>
    public bool Advance(BlockPool pool, SequencePosition consumed, SequencePosition examined)
    {
        if (_head is null)
        {
            return false;
        }

        Block tail = _tail!;
        if (examined.GetObject() is not Block examinedBlock || consumed.GetObject() is not Block consumedBlock)
        {
            throw new InvalidOperationException("The position does not belong to the last result.");
        }

        // Positions are compared before anything is released: a released block forgets where it stood.
        long end = tail.RunningIndex + _end;
        long consumedAt = consumedBlock.RunningIndex + consumed.GetInteger();
        long examinedAt = examinedBlock.RunningIndex + examined.GetInteger();
        if (consumedAt > examinedAt || examinedAt > end || consumedAt < _head.RunningIndex + _start)
        {
            throw new InvalidOperationException("The position lies outside of the last result.");
        }

        if (consumedAt == end)
        {
            Release(pool);
            return false;
        }

        _start = (int)(consumedAt - _head.RunningIndex);
        while (!ReferenceEquals(_head, tail) && _start >= _head.Memory.Length)
        {
            Block passed = _head;
            _start -= passed.Memory.Length;
            _head = passed.Following!;
            pool.Return(passed);
        }

        return examinedAt < end;
    }

    /// <summary>Returns the block of a receive call that brought nothing.</summary>
    public void ReleaseIfEmpty(BlockPool pool)
    {
        if (ReferenceEquals(_head, _tail) && _start == _end)
        {
            Release(pool);
        }
    }

    /// <summary>Drops the bytes and returns the blocks.</summary>
    public void Release(BlockPool pool)
    {
        Block? block = _head;
        while (block is not null)
        {
            Block? next = block.Following;
            pool.Return(block);
            block = next;
        }

        Abandon();
    }

    /// <summary>Drops the bytes and leaves the blocks to the collector.</summary>
    public void Abandon()
    {
        _head = null;
        _tail = null;
        _start = 0;
        _end = 0;
    }

    private void Move(BlockPool pool, Block block, int size, int rest)
    {
        Span<byte> bytes = block.Bytes.AsSpan(_start, rest);
        if (block.Bytes.Length < size)
        {
            Block larger = pool.Rent(size);
            bytes.CopyTo(larger.Bytes);
            _head = _tail = larger;
            pool.Return(block);
        }
        else
        {
            bytes.CopyTo(block.Bytes);
            block.Reset();
        }

        _start = 0;
        _end = rest;
    }
}
