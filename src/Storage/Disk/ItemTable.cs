using System.Numerics;
using System.Runtime.CompilerServices;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk;

/// <summary>
/// A hash table of <see cref="StoredItem"/>s that grows in blocks: no copy of everything when it does, and about 85 octets an item in
/// all. Not thread-safe.
/// </summary>
internal sealed class ItemTable
{
    // A block stays below the size from which on the collector counts it as large: those are collected with everything else only.
    private const int BlockBits = 10;
    private const int BlockSize = 1 << BlockBits;

    private readonly List<StoredItem[]> _blocks = [];
    private int[] _buckets = new int[1024];
    private int _used;
    private int _free = -1;

    /// <summary>Items in it.</summary>
    public int Count { get; private set; }

    /// <summary>The item, or a null reference (<see cref="Unsafe.IsNullRef{T}"/>).</summary>
    public ref StoredItem Find(QueueId id)
    {
        for (int at = _buckets[BucketOf(id)] - 1; at >= 0;)
        {
            ref StoredItem item = ref At(at);
            if (item.Id == id)
                return ref item;
            at = item.Next;
        }

        return ref Unsafe.NullRef<StoredItem>();
    }

    /// <summary>Adds an empty item, which must not be there yet. The reference is valid until the next call.</summary>
    public ref StoredItem Add(QueueId id)
    {
        if (Count == _buckets.Length)
            Grow();
        int at = _free;
        if (at >= 0)
        {
            _free = At(at).Next;
        }
        else
        {
            at = _used++;
            if (at >> BlockBits == _blocks.Count)
                _blocks.Add(new StoredItem[BlockSize]);
        }

        ref StoredItem item = ref At(at);
        item = default;
        item.Id = id;
        ref int bucket = ref _buckets[BucketOf(id)];
        item.Next = bucket - 1;
        bucket = at + 1;
        Count++;
        return ref item;
    }

    /// <summary>Takes an item out; false where it was not there.</summary>
    public bool Remove(QueueId id)
    {
        ref int bucket = ref _buckets[BucketOf(id)];
        int before = -1;
        for (int at = bucket - 1; at >= 0;)
        {
            ref StoredItem item = ref At(at);
            if (item.Id != id)
            {
                before = at;
                at = item.Next;
                continue;
            }

            if (before < 0)
                bucket = item.Next + 1;
            else
                At(before).Next = item.Next;
            item = default;
            item.Next = _free;
            _free = at;
            Count--;
            return true;
        }

        return false;
    }

    /// <summary>The names of all items, in no order.</summary>
    public QueueId[] CopyIds()
    {
        var ids = new QueueId[Count];
        int taken = 0;
        for (int i = 0; i < _used; i++)
        {
            ref StoredItem item = ref At(i);
            if (!item.Id.IsNone)
                ids[taken++] = item.Id;
        }

        return ids;
    }

    private ref StoredItem At(int index) => ref _blocks[index >> BlockBits][index & (BlockSize - 1)];

    // Names of one process differ in a clock and a counter only, so their bits are spread before some are taken.
    private int BucketOf(QueueId id)
    {
        ulong mixed = ((ulong)(id.Value >> 64) * 0x9E37_79B9_7F4A_7C15) ^ ((ulong)id.Value * 0xC2B2_AE3D_27D4_EB4F);
        return (int)((mixed * 0x9E37_79B9_7F4A_7C15) >> (64 - BitOperations.Log2((uint)_buckets.Length)));
    }

    private void Grow()
    {
        _buckets = new int[_buckets.Length * 2];
        for (int i = 0; i < _used; i++)
        {
            ref StoredItem item = ref At(i);
            if (item.Id.IsNone)
                continue;
            ref int bucket = ref _buckets[BucketOf(item.Id)];
            item.Next = bucket - 1;
            bucket = i + 1;
        }
    }
}
