using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Files;
using SlimtaFast.Storage.Disk.Spool;

namespace SlimtaFast.Storage.Disk.Intake;

/// <summary>One write or change of a storage without a journal, made durable file by file on a disk thread.</summary>
internal sealed class FileCommit : DiskOperation<bool>
{
    // From this length on, items that share a content get one file for it instead of a copy each.
    private const long SharedLength = 16 * 1024;

    private readonly StorageIndex _index;
    private readonly SpoolFiles _spool;
    private readonly ContentPlacer _placer;
    private readonly QueueItem[] _items;
    private readonly QueueId _id;
    private readonly DeliveryState? _state;
    private readonly List<QueueId> _held = [];

    /// <summary>Takes references to the items' contents.</summary>
    /// <param name="index">Where the items will be.</param>
    /// <param name="spool">Has the files.</param>
    /// <param name="placer">Places contents.</param>
    /// <param name="items">New items, or bounces.</param>
    /// <param name="id">The item that changes; none for new items only.</param>
    /// <param name="state">Its next state; null removes it.</param>
    /// <exception cref="ObjectDisposedException">A content is already released.</exception>
    public FileCommit(StorageIndex index, SpoolFiles spool, ContentPlacer placer, IReadOnlyList<QueueItem> items, QueueId id, DeliveryState? state)
    {
        _index = index;
        _spool = spool;
        _placer = placer;
        _items = [.. items];
        _id = id;
        _state = state;
        for (int i = 0; i < _items.Length; i++)
        {
            if (_items[i].Envelope.Content.TryRetain())
                continue;
            foreach (QueueItem retained in _items.AsSpan(0, i))
                retained.Envelope.Content.Release();
            throw new ObjectDisposedException("Content", $"The content of item {_items[i].Envelope.Id} is already released.");
        }
    }

    /// <inheritdoc/>
    protected override bool Execute()
    {
        try
        {
            Commit();
            return true;
        }
        catch (IOException e)
        {
            // What may be in place goes on holding its contents; the next start sees which they are.
            if (e is UndecidedException)
                _held.Clear();
            throw new StorageException(DiskError.Classify(e), "The files could not be written: " + e.Message, e);
        }
        finally
        {
            foreach (QueueItem item in _items)
                item.Envelope.Content.Release();
            foreach (QueueId content in _held)
                _index.LetGoOfContentFile(content);
        }
    }

    private void Commit()
    {
        _placer.Place(_items, _held);
        ShareContents();
        QueueItem[] fresh = [.. _items.DistinctBy(static item => item.Envelope.Id).Where(item => !_index.IsStored(item.Envelope.Id))];
        bool changes = !_id.IsNone && _index.TryFind(_id, out StoredItem item) && (_state is null || _state.Version > item.Version);
        if (!changes)
            _spool.WriteItemsTogether(fresh);
        else if (_state is null || (_state.IsClosed && fresh.Length == 0))
            _spool.Remove([_id]);
        else if (fresh.Length == 0)
            _spool.WriteStates([(_id, _state)]);
        else
            _spool.WriteStateWithBounces(_id, _state, fresh);

        foreach (QueueItem one in fresh)
            _index.AddFromFiles(EntryOf(one));
        if (changes && (_state is null || _state.IsClosed))
            _index.CloseFiles(_id);
        else if (changes)
            _index.UpdateFiles(_id, _state!);
    }

    private void ShareContents()
    {
        foreach (IGrouping<MessageContent, QueueItem> sharers in _items.GroupBy(static item => item.Envelope.Content).ToArray())
        {
            MessageContent content = sharers.Key;
            if (content is SpoolContent { Place: SpoolContentPlace.Stored } || content.Length < SharedLength || sharers.Count() == 1)
                continue;
            MessageContent file = _placer.CopyToFile(content, _held);
            foreach (ref QueueItem item in _items.AsSpan())
            {
                if (item.Envelope.Content != content)
                    continue;
                file.Retain();
                content.Release();
                item = item with { Envelope = item.Envelope with { Content = file } };
            }

            file.Release();
        }
    }

    private static SpoolEntry EntryOf(QueueItem item) => new()
    {
        Name = item.Envelope.Id,
        Kind = SpoolEntryKind.Item,
        Entry = new QueueEntry(item.Envelope.Id, item.State.DueAt, item.State.Attempts, item.Domain, item.Envelope.Length, Urgency.Of(item.Envelope), IsRerouted: item.State.RoutingDomain is not null),
        Version = item.State.Version,
        ContentFile = item.Envelope.Content is SpoolContent { Place: SpoolContentPlace.Stored } content ? content.Id : default,
    };
}
