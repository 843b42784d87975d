using System.Runtime.CompilerServices;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Journal;

namespace SlimtaFast.Storage.Disk;

/// <summary>
/// Where every item is, and what is still needed of every segment. Knows only what is flushed, except for the mark on items whose closing
/// is on its way. The rules of liveness: a head or state is needed while it is its item's latest; a closing is needed while a segment has
/// a head of its item and while the item has files. All members are thread-safe, with one short lock.
/// </summary>
internal sealed partial class StorageIndex
{
    private readonly Lock _gate = new();
    private readonly ItemTable _items = new();
    private readonly DomainTable _domains = new();
    private readonly Dictionary<int, JournalSegment> _segments = [];
    private readonly Dictionary<QueueId, QueueId> _contentOf = [];
    private readonly Dictionary<QueueId, int> _contentFiles = [];
    private readonly Queue<FileRelease> _releases = new();
    private readonly Action _onWork;
    private long _octets;
    private long _withFiles;
    private bool _mayHaveDead;

    /// <summary>Starts empty.</summary>
    /// <param name="onWork">Called where segments may have become free or files may be deleted; must not call back.</param>
    public StorageIndex(Action onWork) => _onWork = onWork;

    /// <summary>Items stored.</summary>
    public long Count
    {
        get
        {
            lock (_gate)
                return _items.Count;
        }
    }

    /// <summary>Octets of their headers and contents.</summary>
    public long Octets => Interlocked.Read(ref _octets);

    /// <summary>Items that have spool files.</summary>
    public long FileCount => Interlocked.Read(ref _withFiles);

    /// <summary>True where the item is known to be stored, whatever the scan of the spool may still find.</summary>
    public bool Contains(QueueId id)
    {
        lock (_gate)
            return !Unsafe.IsNullRef(ref _items.Find(id));
    }

    /// <summary>A copy of what is known of an item.</summary>
    public bool TryGet(QueueId id, out StoredItem item)
    {
        lock (_gate)
            return TryGetLocked(id, out item);
    }

    /// <summary>Marks an item whose closing was written; it stays until the closing is flushed.</summary>
    public void MarkClosing(QueueId id, bool closing)
    {
        lock (_gate)
        {
            ref StoredItem item = ref _items.Find(id);
            if (Unsafe.IsNullRef(ref item))
                return;
            item.Flags = closing ? item.Flags | StoredItemFlags.Closing : item.Flags & ~StoredItemFlags.Closing;
        }
    }

    /// <summary>Finds an item and holds the segments that it is in until <see cref="Unpin"/>.</summary>
    public bool TryPin(QueueId id, out StoredItem item, out JournalSegment? head, out JournalSegment? state)
    {
        lock (_gate)
        {
            head = state = null;
            ref StoredItem found = ref _items.Find(id);
            if (Unsafe.IsNullRef(ref found))
            {
                item = default;
                return false;
            }

            item = found;
            head = PinLocked(item.HeadSegment);
            state = PinLocked(item.StateSegment);
            return true;
        }
    }

    /// <summary>Holds a segment once more.</summary>
    public void Pin(JournalSegment segment)
    {
        lock (_gate)
            segment.Pins++;
    }

    /// <summary>Lets go of a segment; null is allowed.</summary>
    public void Unpin(JournalSegment? segment)
    {
        if (segment is null)
            return;
        lock (_gate)
        {
            segment.Pins--;
            NoteIdle(segment);
        }

        TellOfWork();
    }

    /// <summary>Takes over the parts of flushed records, in their order.</summary>
    public void Publish(List<JournalPart> parts, JournalSegment segment)
    {
        lock (_gate)
        {
            foreach (ref readonly JournalPart part in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(parts))
                Apply(part, segment);
        }

        TellOfWork();
    }

    /// <summary>
    /// True where a part of a segment that is being emptied is still what its item needs, and may go elsewhere: not while its closing is on
    /// its way, nor while an even older copy is still on disk.
    /// </summary>
    public bool CanMove(in JournalPart part, int generation)
    {
        lock (_gate)
        {
            ref StoredItem item = ref _items.Find(part.Id);
            if (Unsafe.IsNullRef(ref item) || item.Has(StoredItemFlags.Closing))
                return false;
            return part.Kind switch
            {
                PartKind.Head => item.HeadSegment == generation
                    && item.HeadOffset == part.Offset
                    && (item.MovedFrom == 0 || !_segments.ContainsKey(item.MovedFrom)),
                PartKind.State => item.StateSegment == generation && item.StateOffset == part.Offset,
                _ => false,
            };
        }
    }

    /// <summary>Files of an item are about to be written; false where it is gone.</summary>
    public bool ExpectFiles(QueueId id)
    {
        lock (_gate)
        {
            ref StoredItem item = ref _items.Find(id);
            if (Unsafe.IsNullRef(ref item))
                return false;
            item.Flags |= StoredItemFlags.MayHaveFiles;
            return true;
        }
    }

    /// <summary>An item has files now, flushed; its head in the journal is needed no longer, nor its state unless it is newer.</summary>
    /// <param name="id">The item.</param>
    /// <param name="version">The version of the state in the files; -1 where it had files before.</param>
    /// <param name="contentFile">The content that got a file of its own with it; none where it did not.</param>
    /// <param name="from">The segment with the head.</param>
    public void MovedToFiles(QueueId id, int version, QueueId contentFile, JournalSegment from)
    {
        lock (_gate)
        {
            ref StoredItem item = ref _items.Find(id);
            // Where it was closed meanwhile its files are released already.
            if (!Unsafe.IsNullRef(ref item) && item.HeadSegment == from.Generation)
            {
                LoseLive(item.HeadSegment, item.HeadLength);
                item.MovedFrom = item.HeadSegment;
                item.HeadSegment = 0;
                if (!item.Has(StoredItemFlags.HasFiles))
                    _withFiles++;
                item.Flags |= StoredItemFlags.HasFiles;
                if (!contentFile.IsNone)
                {
                    item.Flags |= StoredItemFlags.ContentInFile;
                    TakeContentFile(id, contentFile);
                }

                if (version >= item.Version)
                    DropState(ref item);
            }
        }

        TellOfWork();
    }

    /// <summary>A state record up to this version is needed no longer: the item's file has it, flushed, or it turned out damaged.</summary>
    public void ForgetState(QueueId id, int version)
    {
        lock (_gate)
        {
            ref StoredItem item = ref _items.Find(id);
            if (!Unsafe.IsNullRef(ref item) && version >= item.Version)
                DropState(ref item);
        }

        TellOfWork();
    }

    /// <summary>The names of all items, oldest first.</summary>
    public QueueId[] SortedIds()
    {
        QueueId[] ids;
        lock (_gate)
            ids = _items.CopyIds();
        Array.Sort(ids);
        return ids;
    }

    /// <summary>What the scheduler must know of an item; false where it is gone.</summary>
    public bool TryGetEntry(QueueId id, out QueueEntry entry)
    {
        lock (_gate)
        {
            ref StoredItem item = ref _items.Find(id);
            if (Unsafe.IsNullRef(ref item) || item.Has(StoredItemFlags.StateOnly))
            {
                entry = default;
                return false;
            }

            entry = new QueueEntry(id, new DateTimeOffset(item.DueTicks, TimeSpan.Zero), item.Attempts, _domains.NameOf(item.Domain), item.Length, item.Urgency, IsRerouted: item.Has(StoredItemFlags.Rerouted));
            return true;
        }
    }

    /// <summary>Takes the next files to be deleted.</summary>
    public bool TryTakeRelease(out FileRelease release)
    {
        lock (_gate)
            return _releases.TryDequeue(out release);
    }

    /// <summary>The removal of these files is flushed.</summary>
    public void CompleteRelease(in FileRelease release)
    {
        lock (_gate)
            LoseLive(release.ClosedIn, 0);
        TellOfWork();
    }

    private bool TryGetLocked(QueueId id, out StoredItem item)
    {
        ref StoredItem found = ref _items.Find(id);
        bool known = !Unsafe.IsNullRef(ref found);
        item = known ? found : default;
        return known;
    }
}
