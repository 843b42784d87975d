namespace SlimtaFast.Queue.Scheduling;

/// <summary>A set of slots as one bit each, so that a pass over a long heap or list asks it in no time. Not thread-safe.</summary>
internal sealed class SlotSet
{
    private ulong[] _bits = [];

    /// <summary>Slots in the set.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a slot that is not in it.</summary>
    public void Add(int slot)
    {
        if (slot >> 6 >= _bits.Length)
            Array.Resize(ref _bits, Math.Max((slot >> 6) + 1, _bits.Length * 2));
        _bits[slot >> 6] |= 1UL << (slot & 63);
        Count++;
    }

    /// <summary>True for a slot in the set.</summary>
    public bool Contains(int slot) => slot >> 6 < _bits.Length && (_bits[slot >> 6] & (1UL << (slot & 63))) != 0;
}
