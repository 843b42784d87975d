using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Scheduling;

/// <summary>
/// The slots of all items, in blocks that never move, so that growing copies nothing and a slot is a 4-octet number. Not thread-safe:
/// the scheduler's lock covers it.
/// </summary>
internal sealed class SlotTable
{
    private const int BlockBits = 10;
    private const int BlockSize = 1 << BlockBits;

    private QueueSlot[][] _blocks = new QueueSlot[16][];
    private int _used;
    private int _free = -1;

    /// <summary>Items at present.</summary>
    public int Count { get; private set; }

    /// <summary>The slot of that number.</summary>
    public ref QueueSlot this[int slot] => ref _blocks[slot >> BlockBits][slot & (BlockSize - 1)];

    /// <summary>Takes a free slot for an item.</summary>
    public int Add(QueueId id, long due, int domain, int attempts)
    {
        int slot = _free;
        if (slot >= 0)
            _free = this[slot].Next;
        else
            slot = Grow();
        this[slot] = new QueueSlot { Id = id, Due = due, Domain = domain, Next = -1, Attempts = (ushort)Math.Min(attempts, ushort.MaxValue) };
        Count++;
        return slot;
    }

    /// <summary>Frees a slot that is in no list any more.</summary>
    public void Remove(int slot)
    {
        this[slot] = new QueueSlot { Next = _free };
        _free = slot;
        Count--;
    }

    /// <summary>
    /// Looks through some slots for the oldest item, as names are ordered by age. False where there are no further slots behind them.
    /// </summary>
    /// <param name="from">The first slot to look at.</param>
    /// <param name="count">How many.</param>
    /// <param name="oldest">The oldest so far, or none; replaced by one that is older.</param>
    public bool FindOldest(int from, int count, ref QueueId oldest)
    {
        int end = Math.Min(from + count, _used);
        for (int slot = from; slot < end; slot++)
        {
            QueueId id = this[slot].Id;
            if (!id.IsNone && (oldest.IsNone || id < oldest))
                oldest = id;
        }

        return end < _used;
    }

    private int Grow()
    {
        int block = _used >> BlockBits;
        if (block == _blocks.Length)
            Array.Resize(ref _blocks, block * 2);
        _blocks[block] ??= new QueueSlot[BlockSize];
        return _used++;
    }
}
