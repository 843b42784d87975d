namespace SlimtaFast.Queue.Scheduling;

/// <summary>A first-in, first-out list threaded through the slots themselves: it takes no memory of its own for each item.</summary>
internal struct SlotList
{
    private int _head;
    private int _tail;

    /// <summary>Slots in the list.</summary>
    public int Count { get; private set; }

    /// <summary>Appends a slot that is in no list.</summary>
    public void Push(SlotTable slots, int slot)
    {
        slots[slot].Next = -1;
        if (Count++ == 0)
            _head = slot;
        else
            slots[_tail].Next = slot;
        _tail = slot;
    }

    /// <summary>Takes the first slot; there must be one.</summary>
    public int Pop(SlotTable slots)
    {
        int slot = _head;
        _head = slots[slot].Next;
        Count--;
        slots[slot].Next = -1;
        return slot;
    }

    /// <summary>Takes the slots of a set, wherever in the list they are, in one pass; the order of the others stays.</summary>
    public void Remove(SlotTable slots, SlotSet set, List<int> removed)
    {
        for (int left = Count; left > 0; left--)
        {
            int slot = Pop(slots);
            if (set.Contains(slot))
                removed.Add(slot);
            else
                Push(slots, slot);
        }
    }
}
