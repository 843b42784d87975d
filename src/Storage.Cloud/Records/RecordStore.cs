using System.Globalization;
using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Cloud.Records;

/// <summary>Reads and replaces the records of items. Thread-safe.</summary>
internal sealed class RecordStore
{
    // Enough for the first line, whose longest part are the ids of the items of one message.
    private const int LineOctets = 8 * 1024;
    private const int MostLine = 4 * 1024 * 1024;

    private readonly ILogger _logger;

    /// <summary>Keeps records in a store.</summary>
    public RecordStore(IObjectStore objects, ILogger logger)
    {
        Objects = objects;
        _logger = logger;
    }

    /// <summary>The store; replaced once, by one that makes up for what the endpoint lacks.</summary>
    public IObjectStore Objects { get; set; }

    /// <summary>Reads the record of an item that there is; null also for one that is not committed, or was never.</summary>
    public ValueTask<StoredRecord?> ReadAsync(QueueId id, CancellationToken cancellationToken) => ReadAsync(id, null, cancellationToken);

    /// <summary>The same for one of many that a listing names: where the item that it waits for is known to be there, it is not asked for.</summary>
    public async ValueTask<StoredRecord?> ReadAsync(QueueId id, PresentItems? present, CancellationToken cancellationToken)
    {
        if (await ReadStateAsync(id, cancellationToken).ConfigureAwait(false) is { } changed)
            return changed;
        if (await ReadLineAsync(id, cancellationToken).ConfigureAwait(false) is not { } first)
            return null;
        return await IsCommittedAsync(first, present, cancellationToken).ConfigureAwait(false)
            ? new StoredRecord(first, null)
            : await ReadStateAsync(id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the record of an item that changed; null where there is none.</summary>
    public async ValueTask<StoredRecord?> ReadStateAsync(QueueId id, CancellationToken cancellationToken)
    {
        string name = ObjectNames.State(id);
        StoredObject? stored = await Objects.GetAsync(name, cancellationToken).ConfigureAwait(false);
        if (stored is null)
            return null;
        return ItemObject.ReadRecord(stored.Bytes) is { } record ? new StoredRecord(record, stored.Tag) : throw Damaged(name, "it is no record");
    }

    /// <summary>Reads the record that an item was written with; null where there is no such object.</summary>
    public async ValueTask<ItemRecord?> ReadLineAsync(QueueId id, CancellationToken cancellationToken)
    {
        string name = ObjectNames.Item(id);
        for (int size = LineOctets; ; size *= 8)
        {
            byte[] start = new byte[size];
            if (await Objects.ReadAsync(name, 0, start, cancellationToken).ConfigureAwait(false) is not { } read)
                return null;
            if (start.AsSpan(0, read).Contains((byte)'\n') && ItemObject.ReadRecord(start.AsMemory(0, read)) is { } record)
                return record;
            if (read < size || size >= MostLine)
                throw Damaged(name, "it begins with no record");
        }
    }

    /// <summary>True where what an item waits for to be one has happened.</summary>
    public ValueTask<bool> IsCommittedAsync(ItemRecord record, CancellationToken cancellationToken) => IsCommittedAsync(record, null, cancellationToken);

    /// <summary>Replaces a record; null where it has changed meanwhile.</summary>
    public async ValueTask<StoredRecord?> ReplaceAsync(QueueId id, StoredRecord found, ItemRecord next, CancellationToken cancellationToken)
    {
        string? tag = await Objects.PutAsync(ObjectNames.State(id), ItemObject.Write(next), FactsOf(next), found.Unchanged, cancellationToken).ConfigureAwait(false);
        return tag is null ? null : new StoredRecord(next, tag);
    }

    /// <summary>What people see beside the object, under the names that python-slimta gave it.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> FactsOf(ItemRecord record) =>
    [
        KeyValuePair.Create("timestamp", record.Timestamp.ToString("0.0######", CultureInfo.InvariantCulture)),
        KeyValuePair.Create("attempts", record.Attempts.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <summary>True for an exception that says that an object is damaged, which no waiting mends.</summary>
    public static bool IsDamage(StorageException trouble) => trouble.InnerException is InvalidDataException;

    /// <summary>Tells an operator of damage, and makes the exception.</summary>
    public StorageException Damaged(string name, string what)
    {
        CloudLog.Damaged(_logger, Objects.Description, name, what);
        return new StorageException(StorageFailure.Unavailable, $"The object {name} is damaged: {what}.", new InvalidDataException(what));
    }

    private async ValueTask<bool> IsCommittedAsync(ItemRecord record, PresentItems? present, CancellationToken cancellationToken)
    {
        if (record.Under is null)
            return true;

        // One that waits for a step gets a record of its own with it.
        if (!QueueId.TryParse(record.Under, out QueueId under) || record.UnderEpoch != 0)
            return false;
        if (present?.Contains(under) == true)
            return true;
        if (await Objects.FindAsync(ObjectNames.Item(under), cancellationToken).ConfigureAwait(false) is null)
            return false;
        present?.Note(under);
        return true;
    }
}
