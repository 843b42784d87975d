namespace SlimtaFast.Protocol.Transport.Reactors;

/// <summary>
/// The blocks of one reactor. The block returned last is rented first, since it is still in the processor's cache. Bounded, and what
/// nobody used for a second is given back to the collector by and by. On the reactor's own thread it takes no lock; other threads may
/// rent and return too.
/// </summary>
internal sealed class BlockPool(Reactor reactor)
{
    /// <summary>Bytes of a normal block.</summary>
    public const int SmallSize = 16 * 1024;

    /// <summary>Bytes of a block for bulk data.</summary>
    public const int LargeSize = 64 * 1024;

    private const int MaxSmall = 1024;
    private const int MaxLarge = 256;
    private const int KeepSmall = 16;

    private readonly Lock _gate = new();
    private readonly Stack<Block> _small = new();
    private readonly Stack<Block> _large = new();
    private readonly Stack<Block> _outside = new();
    private int _leastSmall;
    private int _leastLarge;

    /// <summary>True where there may be something to release.</summary>
    public bool HasIdle => _small.Count > KeepSmall || _large.Count > 0 || _outside.Count > 0;

    /// <summary>Rents a block of at least <paramref name="size"/> bytes.</summary>
    public Block Rent(int size)
    {
        if (size > LargeSize)
        {
            return new Block(size, pooled: false);
        }

        bool small = size <= SmallSize;
        if (!reactor.IsCurrent)
        {
            return RentOutside(small);
        }

        Stack<Block> blocks = small ? _small : _large;
        if (!blocks.TryPop(out Block? block))
        {
            return TakeReturned(small) ?? new Block(small ? SmallSize : LargeSize, pooled: true);
        }

        if (small)
        {
            _leastSmall = Math.Min(_leastSmall, blocks.Count);
        }
        else
        {
            _leastLarge = Math.Min(_leastLarge, blocks.Count);
        }

        return block;
    }

    /// <summary>Returns a block. The caller must not touch it afterwards.</summary>
    public void Return(Block block)
    {
        block.Reset();
        if (!block.Pooled)
        {
            return;
        }

        if (!reactor.IsCurrent)
        {
            lock (_gate)
            {
                if (_outside.Count < MaxLarge)
                {
                    _outside.Push(block);
                }
            }

            return;
        }

        Put(block);
    }

    /// <summary>Lets go of half of the blocks that were not needed since the last call.</summary>
    public void ReleaseIdle()
    {
        while (TakeReturned(small: true) is { } block)
        {
            Put(block);
        }

        while (TakeReturned(small: false) is { } block)
        {
            Put(block);
        }

        Drop(_small, Math.Min((_leastSmall + 1) / 2, _small.Count - KeepSmall));
        Drop(_large, (_leastLarge + 1) / 2);
        _leastSmall = _small.Count;
        _leastLarge = _large.Count;
    }

    private static void Drop(Stack<Block> blocks, int count)
    {
        for (int i = 0; i < count; i++)
        {
            blocks.Pop();
        }
    }

    private void Put(Block block)
    {
        if (block.Bytes.Length == SmallSize)
        {
            if (_small.Count < MaxSmall)
            {
                _small.Push(block);
            }
        }
        else if (_large.Count < MaxLarge)
        {
            _large.Push(block);
        }
    }

    private Block RentOutside(bool small) => TakeReturned(small) ?? new Block(small ? SmallSize : LargeSize, pooled: true);

    private Block? TakeReturned(bool small)
    {
        if (_outside.Count == 0)
        {
            return null;
        }

        lock (_gate)
        {
            return _outside.TryPeek(out Block? block) && block.Bytes.Length == (small ? SmallSize : LargeSize) ? _outside.Pop() : null;
        }
    }
}
