namespace SlimtaFast.Queue.Scheduling;

/// <summary>
/// Waiting slots ordered by due time: a heap with four children a node, whose keys lie beside each other, so that a step down reads
/// one cache line. 12 octets an item. Not thread-safe.
/// </summary>
internal sealed class DueHeap
{
    private const int Arity = 4;

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
        int at = Count++;
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

    /// <summary>Takes the slot that is due first; there must be one. O(log n).</summary>
    public int Pop()
    {
        int first = _slots[0];
        Count--;
        if (Count > 0)
            SiftDown(_due[Count], _slots[Count]);
        if (_due.Length > 4096 && Count < _due.Length / 4)
            Resize(_due.Length / 2);
        return first;
    }

    private void SiftDown(long due, int slot)
    {
        int at = 0;
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
