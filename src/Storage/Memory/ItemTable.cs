using System.Runtime.InteropServices;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Memory;

/// <summary>
/// Items by id, with one reference to the content of each. What policies put in place of a header section is nobody else's memory, and is
/// taken from the budget here. Used under its owner's lock.
/// </summary>
internal sealed class ItemTable(ContentBudget budget)
{
    private readonly Dictionary<QueueId, QueueItem> _items = [];
    private readonly Dictionary<QueueId, int> _contentUses = [];

    /// <summary>Items held.</summary>
    public int Count => _items.Count;

    /// <summary>Octets of their added headers and contents, a content that several share counted once.</summary>
    public long Bytes { get; private set; }

    /// <summary>
    /// Adds all items that are not there yet, or none where one has a content that is already freed. False, and none is added, where the
    /// budget has too little left for what they hold.
    /// </summary>
    public bool TryAdd(IReadOnlyList<QueueItem> items)
    {
        long edited = MeasureEdited(items);
        if (edited > 0 && !budget.TryTake(edited))
            return false;
        try
        {
            Add(items);
            return true;
        }
        catch
        {
            budget.Return(edited);
            throw;
        }
    }

    /// <summary>Replaces an item's state unless the stored one is newer. Where that closes it, the result is a content to release.</summary>
    public MessageContent? Update(QueueId id, DeliveryState state)
    {
        if (!_items.TryGetValue(id, out QueueItem? item) || state.Version <= item.State.Version)
            return null;
        if (state.IsClosed)
            return Remove(id);
        _items[id] = item with { State = state };
        return null;
    }

    /// <summary>Forgets an item. The result is a content to release.</summary>
    public MessageContent? Remove(QueueId id)
    {
        if (!_items.Remove(id, out QueueItem? item))
            return null;
        Discharge(item.Envelope);
        return item.Envelope.Content;
    }

    /// <summary>The item, or null.</summary>
    public QueueItem? Find(QueueId id) => _items.GetValueOrDefault(id);

    /// <summary>All entries, oldest first.</summary>
    public QueueEntry[] List()
    {
        var entries = new QueueEntry[_items.Count];
        int at = 0;
        foreach ((QueueId id, QueueItem item) in _items)
            entries[at++] = new QueueEntry(id, item.State.DueAt, item.State.Attempts, item.Domain, item.Envelope.Length, Urgency.Of(item.Envelope), IsRerouted: item.State.RoutingDomain is not null);
        Array.Sort(entries, static (left, right) => left.Id.CompareTo(right.Id));
        return entries;
    }

    /// <summary>Forgets all items and releases their contents.</summary>
    public void Clear()
    {
        foreach (QueueItem item in _items.Values)
        {
            Discharge(item.Envelope);
            item.Envelope.Content.Release();
        }

        _items.Clear();
        _contentUses.Clear();
        Bytes = 0;
    }

    private void Add(IReadOnlyList<QueueItem> items)
    {
        int added = 0;
        try
        {
            for (; added < items.Count; added++)
                items[added].Envelope.Content.Retain();
        }
        catch (ObjectDisposedException)
        {
            while (--added >= 0)
                items[added].Envelope.Content.Release();
            throw;
        }

        for (int i = 0; i < items.Count; i++)
        {
            QueueItem item = items[i];
            if (_items.TryAdd(item.Envelope.Id, item))
                Charge(item.Envelope);
            else
                item.Envelope.Content.Release();
        }
    }

    private void Charge(Envelope envelope)
    {
        ref int uses = ref CollectionsMarshal.GetValueRefOrAddDefault(_contentUses, envelope.Content.Id, out _);
        Bytes += uses++ == 0 ? envelope.Length : envelope.AddedHeaders.Length;
    }

    private void Discharge(Envelope envelope)
    {
        ref int uses = ref CollectionsMarshal.GetValueRefOrNullRef(_contentUses, envelope.Content.Id);
        Bytes -= envelope.AddedHeaders.Length;
        if (--uses > 0)
            return;
        Bytes -= envelope.Content.Length;
        _contentUses.Remove(envelope.Content.Id);
        budget.Return(OctetsOfEdits(envelope.Content));
    }

    // A content that several items share, or that is here already, is taken once.
    private long MeasureEdited(IReadOnlyList<QueueItem> items)
    {
        long octets = 0;
        HashSet<QueueId>? seen = null;
        foreach (QueueItem item in items)
        {
            MessageContent content = item.Envelope.Content;
            if (content is EditedContent && !_items.ContainsKey(item.Envelope.Id) && !_contentUses.ContainsKey(content.Id) && (seen ??= []).Add(content.Id))
                octets += OctetsOfEdits(content);
        }

        return octets;
    }

    private static long OctetsOfEdits(MessageContent content) => (content as EditedContent)?.OwnOctets ?? 0;
}
