using System.Collections.Concurrent;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Records;

namespace SlimtaFast.Storage.Cloud.Items;

/// <summary>The records of items that this process holds, as it wrote them last, so that they need not be read before they are replaced. Thread-safe.</summary>
internal sealed class HeldRecords
{
    private const int MostHeld = 200_000;

    private readonly ConcurrentDictionary<QueueId, StoredRecord> _records = new();

    /// <summary>Notes a record.</summary>
    public void Note(QueueId id, StoredRecord record)
    {
        // Only knowledge: whoever holds the item finds it out anew.
        if (_records.Count >= MostHeld)
            _records.Clear();
        _records[id] = record;
    }

    /// <summary>The record under that epoch; null where it has to be read.</summary>
    public StoredRecord? Find(QueueId id, long epoch) => _records.TryGetValue(id, out StoredRecord? found) && found.Record.Epoch == epoch ? found : null;

    /// <summary>Forgets a record.</summary>
    public void Forget(QueueId id) => _records.TryRemove(id, out _);
}
