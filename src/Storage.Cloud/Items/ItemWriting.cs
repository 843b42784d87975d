using SlimtaFast.Mail;
using SlimtaFast.Storage.Cloud.Contents;
using SlimtaFast.Storage.Cloud.Records;

namespace SlimtaFast.Storage.Cloud.Items;

/// <summary>
/// Makes items into objects: first what says who needs which content, then the contents, then the items themselves. Holds on to the contents until it is disposed.
/// </summary>
internal sealed class ItemWriting : IDisposable
{
    // Beyond it a content is an object of its own; as is a smaller one that several items share, but for those too small to be worth it.
    private const int MostInline = 256 * 1024;
    private const int MostCopied = 2 * 1024;
    private const int MostTries = 5;

    private readonly RecordStore _records;
    private readonly ContentStore _contents;
    private readonly List<QueueItem> _items;

    private ItemWriting(RecordStore records, ContentStore contents, List<QueueItem> items)
    {
        _records = records;
        _contents = contents;
        _items = items;
    }

    /// <summary>The items, each once.</summary>
    public IReadOnlyList<QueueItem> Items => _items;

    /// <summary>When the oldest content was begun that no item needs yet, as a timestamp; null where there is none.</summary>
    public long? BegunAt => _items.Min(static item => (item.Envelope.Content as CloudContent)?.BegunAt);

    /// <summary>Takes hold of the items' contents.</summary>
    /// <exception cref="ObjectDisposedException">One is freed already.</exception>
    public static ItemWriting Begin(RecordStore records, ContentStore contents, IReadOnlyList<QueueItem> items)
    {
        var held = new List<QueueItem>(items.Count);
        var ids = new HashSet<QueueId>();
        foreach (QueueItem item in items)
        {
            if (!ids.Add(item.Envelope.Id))
                continue;
            if (item.Envelope.Content.TryRetain())
            {
                held.Add(item);
                continue;
            }

            foreach (QueueItem before in held)
                before.Envelope.Content.Release();
            throw new ObjectDisposedException(nameof(MessageContent), "A content of the items is freed already.");
        }

        return new ItemWriting(records, contents, held);
    }

    /// <summary>Writes what says that the items need their contents, and the contents that are not there yet.</summary>
    public async Task WriteContentsAsync(CancellationToken cancellationToken)
    {
        // First, so that nobody takes a content away that is just being written again.
        await Task.WhenAll(_items.Where(item => !IsInline(item.Envelope.Content)).Select(item =>
            _records.Objects.PutAsync(ObjectNames.Use(item.Envelope.Content.Id, item.Envelope.Id), default, [], PutCondition.None, cancellationToken).AsTask())).ConfigureAwait(false);

        // From here on they may be an item's, also where the write seems to fail; what is nobody's after all is found by listing.
        foreach (QueueItem item in _items)
        {
            if (!IsInline(item.Envelope.Content))
                _contents.Needed(item.Envelope.Content.Id);
        }

        var written = new HashSet<QueueId>();
        foreach (QueueItem item in _items)
        {
            MessageContent content = item.Envelope.Content;
            if (!IsInline(content) && !IsOurs(content) && written.Add(content.Id))
                await _contents.CopyAsync(content, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Notes that the items are stored.</summary>
    public void NoteStored()
    {
        foreach (QueueItem item in _items)
        {
            if (item.Envelope.Content is CloudContent content)
                content.BegunAt = null;
        }
    }

    /// <summary>The first record of an item.</summary>
    public ItemRecord MakeRecord(QueueItem item, TimeSpan lease, long now)
    {
        MessageContent content = item.Envelope.Content;
        bool isObject = !IsInline(content);
        return ItemRecord.Of(item, isObject, lease, now) with { Shares = isObject && _items.Count(other => other.Envelope.Content.Id == content.Id) > 1 };
    }

    /// <summary>Writes an item's object; false where it was there.</summary>
    /// <exception cref="StorageException">It is not there.</exception>
    public async Task<bool> WriteAsync(QueueItem item, ItemRecord record, CancellationToken cancellationToken)
    {
        MessageContent content = item.Envelope.Content;
        byte[] body = [];
        if (IsInline(content))
        {
            body = new byte[content.Length];
            if (await content.FillAsync(body, cancellationToken).ConfigureAwait(false) < body.Length)
                throw new EndOfStreamException($"The content {content.Id} ends before its time.");
        }

        ReadOnlyMemory<byte> bytes = ItemObject.Write(record, item, body);
        for (int tries = 0; tries < MostTries; tries++)
        {
            if (await _records.Objects.PutAsync(ObjectNames.Item(item.Envelope.Id), bytes, RecordStore.FactsOf(record), PutCondition.Absent, cancellationToken).ConfigureAwait(false) is not null)
                return true;

            // A store also refuses a write that comes while another of the same name is under way, and that one may come to nothing.
            if (await _records.ReadLineAsync(item.Envelope.Id, cancellationToken).ConfigureAwait(false) is not null)
                return false;
        }

        throw new StorageException(StorageFailure.Unavailable, $"{_records.Objects.Description} refuses to write the item {item.Envelope.Id}, which it does not have.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (QueueItem item in _items)
            item.Envelope.Content.Release();
    }

    private bool IsOurs(MessageContent content) => content is CloudContent known && known.IsOf(_contents);

    private bool IsInline(MessageContent content)
    {
        if (content.Length > MostInline || IsOurs(content))
            return false;
        return content.Length <= MostCopied || _items.Count(item => item.Envelope.Content.Id == content.Id) == 1;
    }
}
