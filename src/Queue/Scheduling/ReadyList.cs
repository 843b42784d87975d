using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Scheduling;

/// <summary>
/// Ready items of a hop by priority (RFC 6710), and in the order in which they came among equals. Higher priorities go first, but one in so
/// many goes to the others by turns, so that a steady stream of urgent mail starves nobody. Without priorities it is one plain list.
/// </summary>
internal struct ReadyList
{
    private const int OthersTurn = 4;
    private const int Usual = -DeliveryTerms.LowestPriority;
    private const int Levels = DeliveryTerms.HighestPriority - DeliveryTerms.LowestPriority + 1;

    private SlotList _usual;
    private SlotList[]? _levels;
    private int _taken;
    private int _lastOther;

    /// <summary>Items in it.</summary>
    public int Count { get; private set; }

    /// <summary>The highest priority that an item has; below all priorities where there is none.</summary>
    public readonly int Highest
    {
        get
        {
            if (_levels is null)
                return Count > 0 ? 0 : int.MinValue;
            for (int level = Levels - 1; level >= 0; level--)
            {
                if (CountAt(level) > 0)
                    return level - Usual;
            }

            return int.MinValue;
        }
    }

    /// <summary>Appends a slot that is in no list.</summary>
    public void Push(SlotTable slots, int slot)
    {
        Count++;
        int level = slots[slot].Priority + Usual;
        if (level == Usual)
            _usual.Push(slots, slot);
        else
            (_levels ??= new SlotList[Levels])[level].Push(slots, slot);
    }

    /// <summary>Takes the slot whose turn it is; there must be one.</summary>
    public int Pop(SlotTable slots)
    {
        if (_levels is null)
        {
            Count--;
            return _usual.Pop(slots);
        }

        int highest = Highest + Usual;
        return PopAt(++_taken % OthersTurn == 0 ? FindOther(highest) : highest, slots);
    }

    /// <summary>
    /// Takes the slots one by one to look at each: those that belong here are pushed back before the next is taken, and come up once
    /// only.
    /// </summary>
    /// <param name="slots">The slots.</param>
    /// <param name="left">How many are still to come behind this one.</param>
    public int PopToLook(SlotTable slots, int left)
    {
        for (int i = 0; i < Levels; i++)
        {
            int level = (Usual + i) % Levels;
            if (left < CountAt(level))
                return PopAt(level, slots);
            left -= CountAt(level);
        }

        return Pop(slots);
    }

    /// <summary>Takes the slots of a set, wherever in it they are, in one pass; the order of the others stays.</summary>
    public void Remove(SlotTable slots, SlotSet set, List<int> removed)
    {
        int before = removed.Count;
        _usual.Remove(slots, set, removed);
        for (int level = 0; _levels is not null && level < Levels; level++)
            _levels[level].Remove(slots, set, removed);
        Count -= removed.Count - before;
    }

    private readonly int CountAt(int level) => level == Usual ? _usual.Count : _levels is null ? 0 : _levels[level].Count;

    private int PopAt(int level, SlotTable slots)
    {
        Count--;
        return level == Usual ? _usual.Pop(slots) : _levels![level].Pop(slots);
    }

    // The next level behind the one that had such a turn last.
    private int FindOther(int highest)
    {
        for (int i = 1; i <= Levels; i++)
        {
            int level = (_lastOther + i) % Levels;
            if (level == highest || CountAt(level) == 0)
                continue;
            _lastOther = level;
            return level;
        }

        return highest;
    }
}
