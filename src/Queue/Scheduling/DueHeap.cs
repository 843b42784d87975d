namespace SlimtaFast.Queue.Scheduling;

/// <summary>
/// Waiting slots ordered by due time: a heap with four children a node, whose keys lie beside each other, so that a step down reads
/// one cache line. 12 octets an item. Not thread-safe.
/// </summary>
internal sealed class DueHeap
{
    private const int Arity = 4;

    // So many are searched for one by one.
    private const int Few = 8;

    private long[] _due = new long[64];
    private int[] _slots = new int[64];

    /// <summary>Slots in the heap.</summary>
    public int Count { get; private set; }

    /// <summary>The earliest due time in UTC ticks; <see cref="long.MaxValue"/> where nothing waits.</summary>
    public long FirstDue => Count == 0 ? long.MaxValue : _due[0];

    /// <summary>Adds a slot. O(log n), and O(1) where it is due after all others.</summary>
    public void Push(int slot, long due)
    {
        if (Count == _due.Length)
            Resize(Count + (Count / 2));
        SiftUp(Count++, due, slot);
    }

    /// <summary>Takes the slot that is due first; there must be one. O(log n).</summary>
    public int Pop()
    {
        int first = _slots[0];
        Count--;
        if (Count > 0)
            SiftDown(0, _due[Count], _slots[Count]);
        Trim();
        return first;
    }

    /// <summary>
    /// Takes the slots of a set that are in here, and notes in each when it was due. For a few: a search through the numbers and O(log n) each; for many:
    /// one pass, and the heap anew. O(n).
    /// </summary>
    /// <param name="chosen">The slots that are in here, without any other.</param>
    /// <param name="set">The same, and maybe others.</param>
    /// <param name="slots">Where the due times go.</param>
    public void Remove(List<int> chosen, SlotSet set, SlotTable slots)
    {
        if (chosen.Count <= Few)
        {
            foreach (int slot in chosen)
                RemoveAt(Array.IndexOf(_slots, slot, 0, Count), slots);
        }
        else
        {
            int kept = 0;
            for (int i = 0; i < Count; i++)
            {
                if (set.Contains(_slots[i]))
                {
                    slots[_slots[i]].Due = _due[i];
                    continue;
                }

                _due[kept] = _due[i];
                _slots[kept++] = _slots[i];
            }

            Count = kept;
            for (int at = (Count - 2) / Arity; at >= 0 && Count > 1; at--)
                SiftDown(at, _due[at], _slots[at]);
        }

        Trim();
    }

    private void RemoveAt(int at, SlotTable slots)
    {
        slots[_slots[at]].Due = _due[at];
        Count--;
        if (at == Count)
            return;
        long due = _due[Count];
        int slot = _slots[Count];
        if (at > 0 && _due[(at - 1) / Arity] > due)
            SiftUp(at, due, slot);
        else
            SiftDown(at, due, slot);
    }

    private void Trim()
    {
        if (_due.Length > 4096 && Count < _due.Length / 4)
            Resize(_due.Length / 2);
    }

    private void SiftUp(int at, long due, int slot)
    {
        while (at > 0)
        {
            int parent = (at - 1) / Arity;
            if (_due[parent] <= due)
                break;
            _due[at] = _due[parent];
            _slots[at] = _slots[parent];
            at = parent;
        }

        _due[at] = due;
        _slots[at] = slot;
    }

    private void SiftDown(int at, long due, int slot)
    {
        while (true)
        {
            int child = (at * Arity) + 1;
            if (child >= Count)
                break;
            int last = Math.Min(child + Arity, Count);
            int least = child;
            while (++child < last)
            {
                if (_due[child] < _due[least])
                    least = child;
            }

            if (_due[least] >= due)
                break;
            _due[at] = _due[least];
            _slots[at] = _slots[least];
            at = least;
        }

        _due[at] = due;
        _slots[at] = slot;
    }

    private void Resize(int size)
    {
        Array.Resize(ref _due, size);
        Array.Resize(ref _slots, size);
    }
}
