using SlimtaFast.Lookup.Tables;

namespace SlimtaFast.Lookup;

/// <summary>Finds values in a table in memory that never changes. Thread-safe.</summary>
public sealed class TableLookup : ILookup
{
    private readonly LookupTable _table;

    /// <summary>Takes the entries over; keys that differ only in case are one key, whose last value counts.</summary>
    public TableLookup(IEnumerable<KeyValuePair<string, string>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        _table = new LookupTable(entries, []);
    }

    /// <inheritdoc/>
    public ValueTask<string?> FindAsync(string key, CancellationToken cancellationToken) => ValueTask.FromResult(_table.Find(key));
}
