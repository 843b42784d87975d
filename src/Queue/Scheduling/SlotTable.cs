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

    // The oldest item as it was found last, and the oldest of those that came since that search began. A slot that an item leaves and comes back to
    // makes no difference: it is the same item.
    private int _oldestSlot = -1;
    private QueueId _oldest;
    private QueueId _oldestSince;

    /// <summary>Items at present.</summary>
    public int Count { get; private set; }

    /// <summary>Counts items that came or went.</summary>
    public long Turnover { get; private set; }

    /// <summary>Slots that were ever used: items are in those below it, and each stays in its own.</summary>
    public int Used => _used;

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
        if (_oldestSince.IsNone || id < _oldestSince)
            _oldestSince = id;
        Count++;
        Turnover++;
        return slot;
    }

    /// <summary>Frees a slot that is in no list any more.</summary>
    public void Remove(int slot)
    {
        this[slot] = new QueueSlot { Next = _free };
        _free = slot;
        Count--;
        Turnover++;
    }

    /// <summary>The oldest item where that is known without a search, as names are ordered by age.</summary>
    /// <param name="oldest">It, or none where there are no items.</param>
    public bool TryGetOldest(out QueueId oldest)
    {
        oldest = Count == 0 ? default : _oldest;
        return Count == 0
            || (_oldestSlot >= 0 && this[_oldestSlot].Id == _oldest && (_oldestSince.IsNone || _oldestSince > _oldest));
    }

    /// <summary>A search for the oldest item begins.</summary>
    public void BeginOldest()
    {
        _oldestSlot = -1;
        _oldestSince = default;
    }

    /// <summary>Looks through some slots for the oldest item. False where there are no further slots behind them, and the search has ended.</summary>
    /// <param name="from">The first slot to look at.</param>
    /// <param name="count">How many.</param>
    /// <param name="oldest">The oldest so far, or none; replaced by one that is older.</param>
    /// <param name="oldestSlot">The slot of it.</param>
    public bool SearchOldest(int from, int count, ref QueueId oldest, ref int oldestSlot)
    {
        int end = Math.Min(from + count, _used);
        for (int slot = from; slot < end; slot++)
        {
            QueueId id = this[slot].Id;
            if (!id.IsNone && (oldest.IsNone || id < oldest))
            {
                oldest = id;
                oldestSlot = slot;
            }
        }

        if (end < _used)
            return true;
        _oldest = oldest;
        _oldestSlot = oldestSlot;
        return false;
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
