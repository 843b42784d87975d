namespace SlimtaFast.Storage.Cloud.Items;

/// <summary>How many items there are, as far as this process knows: what it listed, and what it added and took away since. Thread-safe.</summary>
internal sealed class ItemCount
{
    // Nobody adds up what the items of other processes take.
    private const long UsualOctets = 16 * 1024;

    private long _items;

    /// <summary>Items.</summary>
    public long Items => Math.Max(0, Interlocked.Read(ref _items));

    /// <summary>Octets that they take, roughly.</summary>
    public long Octets => Items * UsualOctets;

    /// <summary>Adds items, or takes some away.</summary>
    public void Add(long items) => Interlocked.Add(ref _items, items);
}
