namespace SlimtaFast.Storage.Redis.Items;

/// <summary>How many items there are, as the last answer of each place told. Thread-safe.</summary>
internal sealed class ItemCounts
{
    // Nobody adds up what the items of other processes take: Redis itself tells an operator.
    private const long UsualOctets = 16 * 1024;

    private readonly long[] _items;

    /// <summary>Knows of no items at so many places.</summary>
    public ItemCounts(int places) => _items = new long[places];

    /// <summary>Items at all places.</summary>
    public long Items
    {
        get
        {
            long sum = 0;
            for (int place = 0; place < _items.Length; place++)
                sum += Volatile.Read(ref _items[place]);
            return sum;
        }
    }

    /// <summary>Notes what a place answered.</summary>
    public void Note(int place, long items) => Volatile.Write(ref _items[place], items);

    /// <summary>What so many items take, roughly.</summary>
    public static long EstimateOctets(long items) => items * UsualOctets;
}
