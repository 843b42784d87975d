using System.Runtime.CompilerServices;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Spool;

namespace SlimtaFast.Storage.Disk;

/// <summary>
/// What the index does differently at start: records are taken over before it is known which files there are. A closing counts whatever
/// its place: what was closed once stays closed.
/// </summary>
internal sealed partial class StorageIndex
{
    private readonly Dictionary<QueueId, int> _closed = [];
    private readonly Dictionary<QueueId, int> _closedContents = [];
    private bool _recovering = true;
    private bool _filesUnknown = true;

    /// <summary>Tells whether an item has files, for the time of the scan. Blocks on the disk.</summary>
    public Func<QueueId, bool> HasUnseenFiles { get; set; } = static _ => false;

    /// <summary>True where the item is stored, or may be in files that the scan has not come to.</summary>
    public bool MayContain(QueueId id)
    {
        lock (_gate)
            return TryGetLocked(id, out _) || MayBeUnseenLocked(id);
    }

    /// <summary>True where the item is stored, also in files that the scan has not come to. Blocks on the disk while that runs.</summary>
    public bool IsStored(QueueId id) => TryFind(id, out _);

    /// <summary>As <see cref="IsStored"/>, with a copy of what is known of the item: a version of -1 where nothing is, yet.</summary>
    public bool TryFind(QueueId id, out StoredItem item)
    {
        // Both questions at one moment: an item that the scan is about to add must not be taken for one that is nowhere.
        lock (_gate)
        {
            if (TryGetLocked(id, out item))
                return true;
            item.Version = -1;
            if (!MayBeUnseenLocked(id))
                return false;
        }

        return HasUnseenFiles(id);
    }

    /// <summary>The journal is read: from here on its own thread publishes.</summary>
    public void EndJournalRecovery()
    {
        lock (_gate)
            _recovering = false;
    }

    /// <summary>
    /// The scan of the spool found an item's files. Where the item is closed, they are released for deletion; else it is an item, new or
    /// known already.
    /// </summary>
    public void AddFromFiles(in SpoolEntry entry)
    {
        lock (_gate)
        {
            if (_closed.Remove(entry.Name, out int closer))
            {
                // The closing was needed for the case that there are files; now it is needed for their removal.
                Release(entry.Name, closer);
                if (!entry.ContentFile.IsNone && !_contentFiles.ContainsKey(entry.ContentFile))
                    NoteClosedContent(entry.ContentFile, _segments.GetValueOrDefault(closer));
            }
            else if (entry.IsClosed)
            {
                Release(entry.Name, 0);
            }
            else
            {
                AddFromFilesLocked(entry);
            }
        }

        TellOfWork();
    }

    /// <summary>The whole spool was seen: states and closings without files are needed no longer for their sake.</summary>
    public void EndFileScan()
    {
        lock (_gate)
        {
            _filesUnknown = false;
            foreach (int closer in _closed.Values)
                LoseLive(closer, 0);
            _closed.Clear();
            _closed.TrimExcess();
            foreach ((QueueId content, int closer) in _closedContents)
            {
                if (_contentFiles.ContainsKey(content))
                    LoseLive(closer, 0);
                else
                    Release(content, closer);
            }

            _closedContents.Clear();
            foreach (QueueId id in _items.CopyIds())
            {
                ref StoredItem item = ref _items.Find(id);
                if (item.Has(StoredItemFlags.StateOnly))
                    RemoveItem(ref item, null);
            }

            _mayHaveDead = true;
        }

        TellOfWork();
    }

    /// <summary>True where an item was closed of which <paramref name="hasFiles"/> is true.</summary>
    public bool HasClosed(Func<QueueId, bool> hasFiles)
    {
        lock (_gate)
            return _closed.Keys.Any(hasFiles);
    }

    /// <summary>Without a journal: an item's files are gone.</summary>
    public void CloseFiles(QueueId id)
    {
        lock (_gate)
        {
            // The scan may have met the files just before.
            if (_filesUnknown)
                _closed.TryAdd(id, 0);
            ref StoredItem item = ref _items.Find(id);
            if (!Unsafe.IsNullRef(ref item))
                RemoveItem(ref item, null);
        }

        TellOfWork();
    }

    /// <summary>Without a journal: an item's state was replaced.</summary>
    public void UpdateFiles(QueueId id, DeliveryState state)
    {
        lock (_gate)
        {
            ref StoredItem item = ref _items.Find(id);
            if (Unsafe.IsNullRef(ref item) || state.Version <= item.Version)
                return;
            item.Version = state.Version;
            item.DueTicks = state.DueAt.UtcTicks;
            item.Attempts = state.Attempts;
            if (state.RoutingDomain is { } domain)
                Reroute(ref item, domain);
        }
    }

    /// <summary>The contents whose files are in use.</summary>
    public QueueId[] ContentFilesInUse()
    {
        lock (_gate)
            return [.. _contentFiles.Keys];
    }

    /// <summary>True where a content's file is in use.</summary>
    public bool UsesContentFile(QueueId content)
    {
        lock (_gate)
            return _contentFiles.ContainsKey(content);
    }

    /// <summary>Forgets the items of a content whose file is not there, and tells which they were: they were never acknowledged.</summary>
    public List<QueueId> ForgetItemsOf(QueueId content)
    {
        List<QueueId> forgotten = [];
        lock (_gate)
        {
            foreach ((QueueId id, QueueId used) in _contentOf)
            {
                if (used == content)
                    forgotten.Add(id);
            }

            foreach (QueueId id in forgotten)
                RemoveItem(ref _items.Find(id), null);
        }

        TellOfWork();
        return forgotten;
    }

    /// <summary>Forgets an item whose files turned out damaged and are in the quarantine.</summary>
    public void Forget(QueueId id)
    {
        lock (_gate)
        {
            ref StoredItem item = ref _items.Find(id);
            if (!Unsafe.IsNullRef(ref item))
                RemoveItem(ref item, null);
        }

        TellOfWork();
    }

    private bool MayBeUnseenLocked(QueueId id) => _filesUnknown && !_closed.ContainsKey(id);

    private void AddFromFilesLocked(in SpoolEntry entry)
    {
        ref StoredItem item = ref _items.Find(entry.Name);
        bool isNew = Unsafe.IsNullRef(ref item);
        if (isNew)
        {
            item = ref _items.Add(entry.Name);
            item.Flags = StoredItemFlags.StateOnly;
            item.Version = -1;
        }

        if (!item.Has(StoredItemFlags.HasFiles))
            _withFiles++;
        item.Flags |= StoredItemFlags.HasFiles;
        if (item.Has(StoredItemFlags.StateOnly))
        {
            if (!item.Has(StoredItemFlags.Rerouted))
                item.Domain = _domains.Take(entry.Entry.Domain);
            if (entry.Entry.IsRerouted)
                item.Flags |= StoredItemFlags.Rerouted;
            item.Flags &= ~StoredItemFlags.StateOnly;
            item.Length = entry.Entry.Length;
            item.Urgency = entry.Entry.Urgency;
            _octets += entry.Entry.Length;
        }

        if (!entry.ContentFile.IsNone)
        {
            item.Flags |= StoredItemFlags.ContentInFile;
            TakeContentFile(entry.Name, entry.ContentFile);
        }

        if (entry.Version <= item.Version)
            return;
        LoseLive(item.StateSegment, item.StateLength);
        item.StateSegment = 0;
        item.Version = entry.Version;
        item.DueTicks = entry.Entry.DueAt.UtcTicks;
        item.Attempts = entry.Entry.Attempts;
        if (_domains.NameOf(item.Domain) != entry.Entry.Domain)
            Reroute(ref item, entry.Entry.Domain);
    }
}
