using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Contents;
using SlimtaFast.Storage.Cloud.Records;
using SlimtaFast.Storage.Cloud.Schedule;

namespace SlimtaFast.Storage.Cloud.Items;

/// <summary>
/// What is done after a step is durable: items that came to be with it get records of their own, and the objects of a closed item go. Each part may be done
/// again, by anybody, who finds it half done. Thread-safe.
/// </summary>
internal sealed class ItemClosing
{
    private const int MostTries = 5;

    private readonly RecordStore _records;
    private readonly ContentStore _contents;
    private readonly DueList _due;

    /// <summary>Works on a store.</summary>
    public ItemClosing(RecordStore records, ContentStore contents, DueList due)
    {
        _records = records;
        _contents = contents;
        _due = due;
    }

    /// <summary>Gives items records of their own that came to be with another one. Those that have one, or are gone already, are left alone.</summary>
    public Task ReleaseAsync(IEnumerable<QueueId> ids, CancellationToken cancellationToken) => Task.WhenAll(ids.Select(id => ReleaseAsync(id, cancellationToken)));

    /// <summary>Takes the objects of a closed item away, its record last.</summary>
    public async Task FinishAsync(QueueId id, ItemRecord record, CancellationToken cancellationToken)
    {
        await ReleaseAsync(record.ReleasedIds(), cancellationToken).ConfigureAwait(false);
        await _records.Objects.DeleteAsync([ObjectNames.Item(id)], cancellationToken).ConfigureAwait(false);
        if (record.Content is not null && QueueId.TryParse(record.Content, out QueueId content))
            await _contents.EndUseAsync(content, id, record.Shares || record.Releases is not null, cancellationToken).ConfigureAwait(false);
        await _due.RemoveAsync(record.Marker, id, cancellationToken).ConfigureAwait(false);
        await _records.Objects.DeleteAsync([ObjectNames.State(id)], cancellationToken).ConfigureAwait(false);
    }

    private async Task ReleaseAsync(QueueId id, CancellationToken cancellationToken)
    {
        for (int tries = 0; tries < MostTries; tries++)
        {
            if (await _records.ReadLineAsync(id, cancellationToken).ConfigureAwait(false) is not { Under: not null } line)
                return;
            ItemRecord own = line with { Under = null, UnderEpoch = 0, UnderVersion = 0 };
            if (await _records.ReplaceAsync(id, new StoredRecord(line, null), own, cancellationToken).ConfigureAwait(false) is not null)
            {
                await _due.AddAsync(own.Marker, id, cancellationToken).ConfigureAwait(false);
                return;
            }

            // Refused because it has one, or because of another write that is under way and may come to nothing.
            if (await _records.ReadStateAsync(id, cancellationToken).ConfigureAwait(false) is not null)
                return;
        }

        throw new StorageException(StorageFailure.Unavailable, $"{_records.Objects.Description} refuses to write the record of {id}, which it does not have.");
    }
}
