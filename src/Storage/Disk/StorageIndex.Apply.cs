using System.Runtime.CompilerServices;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Journal;

namespace SlimtaFast.Storage.Disk;

/// <summary>What each part of a flushed record changes. All of it runs under the lock.</summary>
internal sealed partial class StorageIndex
{
    private void Apply(in JournalPart part, JournalSegment segment)
    {
        switch (part.Kind)
        {
            case PartKind.Head:
                ApplyHead(part, segment);
                break;
            case PartKind.State:
                ApplyState(part, segment);
                break;
            case PartKind.Close:
                ApplyClose(part, segment);
                break;
        }
    }

    private void ApplyHead(in JournalPart part, JournalSegment segment)
    {
        if (_recovering && _closed.ContainsKey(part.Id))
            return;
        ref StoredItem item = ref _items.Find(part.Id);
        bool isNew = Unsafe.IsNullRef(ref item);
        if (!isNew && !item.Has(StoredItemFlags.StateOnly))
        {
            // The same item written twice into one segment counts once; in another segment it is a copy that took its place.
            if (item.HeadSegment == segment.Generation)
                return;
            if (item.HeadSegment != 0)
            {
                LoseLive(item.HeadSegment, item.HeadLength);
                item.MovedFrom = item.HeadSegment;
            }
        }
        else
        {
            if (isNew)
            {
                item = ref _items.Add(part.Id);
                item.Version = part.Version;
                item.DueTicks = part.DueTicks;
                item.Attempts = part.Attempts;
            }

            if (part.Version > item.Version)
                ReplaceState(ref item, part, null);
            if (!item.Has(StoredItemFlags.Rerouted))
                item.Domain = _domains.Take(part.Domain ?? "");
            if ((part.Flags & PartFlags.Rerouted) != 0)
                item.Flags |= StoredItemFlags.Rerouted;
            item.Flags &= ~StoredItemFlags.StateOnly;
            item.Length = part.Length;
            item.Urgency = part.Urgency;
            _octets += part.Length;
            if ((part.Flags & PartFlags.ContentInFile) != 0)
            {
                item.Flags |= StoredItemFlags.ContentInFile;
                TakeContentFile(part.Id, part.ContentId);
            }
        }

        item.HeadSegment = segment.Generation;
        item.HeadOffset = part.Offset;
        item.HeadLength = part.RecordLength;
        GainLive(segment, part.RecordLength);
    }

    private void ApplyState(in JournalPart part, JournalSegment segment)
    {
        if (_recovering && _closed.ContainsKey(part.Id))
            return;
        ref StoredItem item = ref _items.Find(part.Id);
        if (Unsafe.IsNullRef(ref item))
        {
            if (!_filesUnknown)
                return;
            // Its head may be a spool file, which the scan sees later.
            item = ref _items.Add(part.Id);
            item.Flags = StoredItemFlags.StateOnly;
        }
        else if (part.Version < item.Version || (part.Version == item.Version && item.StateSegment is 0))
        {
            return;
        }

        ReplaceState(ref item, part, segment);
    }

    private void DropState(ref StoredItem item)
    {
        LoseLive(item.StateSegment, item.StateLength);
        item.StateSegment = 0;
    }

    // The latest state is that of a record, or, without one, that of the head.
    private void ReplaceState(ref StoredItem item, in JournalPart part, JournalSegment? segment)
    {
        LoseLive(item.StateSegment, item.StateLength);
        item.StateSegment = segment?.Generation ?? 0;
        item.StateOffset = part.Offset;
        item.StateLength = part.RecordLength;
        item.Version = part.Version;
        item.DueTicks = part.DueTicks;
        item.Attempts = part.Attempts;
        if (part.Domain is not null && (segment is not null || item.Has(StoredItemFlags.Rerouted)))
            Reroute(ref item, part.Domain);
        if (segment is not null)
            GainLive(segment, part.RecordLength);
    }

    // A state that says which way the item goes: from then on all later ones do.
    private void Reroute(ref StoredItem item, string domain)
    {
        int number = _domains.Take(domain);
        if (HasDomain(item))
            _domains.Release(item.Domain);
        item.Domain = number;
        item.Flags |= StoredItemFlags.Rerouted;
    }

    // Of what only a state was seen, the domain is not known yet, unless that state says it.
    private static bool HasDomain(in StoredItem item) => !item.Has(StoredItemFlags.StateOnly) || item.Has(StoredItemFlags.Rerouted);

    private void ApplyClose(in JournalPart part, JournalSegment segment)
    {
        ref StoredItem item = ref _items.Find(part.Id);
        bool isKnown = !Unsafe.IsNullRef(ref item);
        if (isKnown && item.Has(StoredItemFlags.HasFiles | StoredItemFlags.MayHaveFiles))
        {
            Release(part.Id, segment);
        }
        else if (_filesUnknown && _closed.TryAdd(part.Id, segment.Generation))
        {
            // The item may have files that the scan has not come to: until then this closing is needed.
            segment.Live++;
        }

        if (!isKnown)
        {
            if (_recovering && !part.ContentId.IsNone)
                NoteClosedContent(part.ContentId, segment);
            return;
        }

        NeedClosing(item.HeadSegment, segment);
        NeedClosing(item.MovedFrom, segment);
        RemoveItem(ref item, segment);
    }

    private void RemoveItem(ref StoredItem item, JournalSegment? closedIn)
    {
        LoseLive(item.HeadSegment, item.HeadLength);
        LoseLive(item.StateSegment, item.StateLength);
        if (item.Has(StoredItemFlags.HasFiles))
            _withFiles--;
        if (!item.Has(StoredItemFlags.StateOnly))
            _octets -= item.Length;
        if (HasDomain(item))
            _domains.Release(item.Domain);

        if (item.Has(StoredItemFlags.ContentInFile) && _contentOf.Remove(item.Id, out QueueId content))
            LoseContentFile(content, closedIn);

        _items.Remove(item.Id);
    }

    private void NeedClosing(int headSegment, JournalSegment closer)
    {
        if (headSegment == 0 || headSegment == closer.Generation || !_segments.TryGetValue(headSegment, out JournalSegment? segment))
            return;
        closer.Live++;
        segment.ClosedIn[closer.Generation] = segment.ClosedIn.GetValueOrDefault(closer.Generation) + 1;
    }

    private void Release(QueueId name, JournalSegment? closer)
    {
        if (closer is not null)
            closer.Live++;
        Release(name, closer?.Generation ?? 0);
    }

    private void Release(QueueId name, int closer)
    {
        _releases.Enqueue(new FileRelease(name, closer));
        _mayHaveDead = true;
    }
}
