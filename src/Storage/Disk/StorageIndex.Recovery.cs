using System.Runtime.CompilerServices;
using SlimtaFast.Mail;

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

    /// <summary>The journal is read: from here on its own thread publishes.</summary>
    public void EndJournalRecovery()
    {
        lock (_gate)
        {
            foreach ((QueueId content, int closer) in _closedContents)
            {
                if (_contentFiles.ContainsKey(content))
                    LoseLive(closer, 0);
                else
                    _releases.Enqueue(new FileRelease(content, closer));
            }

            _closedContents.Clear();
            _recovering = false;
            _mayHaveDead = true;
        }

        TellOfWork();
    }

    /// <summary>
    /// The scan of the spool found an item's files: tells whether it is one (new or already known), or belongs to an item that is
    /// closed and is released for deletion.
    /// </summary>
    /// <param name="entry">What the files say of the item.</param>
    /// <param name="version">The version of the state in its file.</param>
    public bool AddFromFiles(in QueueEntry entry, int version)
    {
        bool isItem = true;
        lock (_gate)
        {
            if (_closed.Remove(entry.Id, out int closer))
            {
                // The closing was needed for the case that there are files; now it is needed for their removal.
                _releases.Enqueue(new FileRelease(entry.Id, closer));
                _mayHaveDead = true;
                isItem = false;
            }
            else
            {
                AddFromFilesLocked(entry, version);
            }
        }

        TellOfWork();
        return isItem;
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

    /// <summary>True where a content's file is in use.</summary>
    public bool UsesContentFile(QueueId content)
    {
        lock (_gate)
            return _contentFiles.ContainsKey(content);
    }

    private void AddFromFilesLocked(in QueueEntry entry, int version)
    {
        ref StoredItem item = ref _items.Find(entry.Id);
        bool isNew = Unsafe.IsNullRef(ref item);
        if (isNew)
        {
            item = ref _items.Add(entry.Id);
            item.Flags = StoredItemFlags.StateOnly;
            item.Version = -1;
        }

        item.Flags |= StoredItemFlags.HasFiles;
        if (item.Has(StoredItemFlags.StateOnly))
        {
            item.Flags &= ~StoredItemFlags.StateOnly;
            item.Length = entry.Length;
            item.Domain = _domains.Take(entry.Domain);
            _octets += entry.Length;
        }

        if (version <= item.Version)
            return;
        LoseLive(item.StateSegment, item.StateLength);
        item.StateSegment = 0;
        item.Version = version;
        item.DueTicks = entry.DueAt.UtcTicks;
        item.Attempts = entry.Attempts;
    }
}
