using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>
/// Reads a segment that has no index, and tells a torn tail from damage. A batch says which sequences were flushed before it was written.
/// What is missing or bad up to the highest such mark was once acknowledged: that is damage. Beyond the mark nothing was, so the first bad
/// record there is the end, whatever follows.
/// </summary>
internal static class SegmentScanner
{
    /// <summary>Reads the octets of a segment from its first batch on.</summary>
    /// <param name="segment">The whole file up to where records may be.</param>
    /// <param name="generation">Its generation.</param>
    /// <param name="firstSequence">The sequence that its first record should have.</param>
    /// <param name="flushedSequence">The highest sequence that other segments say was flushed.</param>
    /// <param name="endIsKnown">True where the octets end at an end that a later header tells, so that all of them were flushed.</param>
    public static SegmentScan Scan(ReadOnlySpan<byte> segment, ulong generation, ulong firstSequence, ulong flushedSequence, bool endIsKnown)
    {
        var scan = new SegmentScan();
        ulong mark = Math.Max(flushedSequence, HighestMark(segment, generation, scan));
        ulong expected = firstSequence;
        long at = JournalLayout.DataStart;
        long good = at;
        while (at + JournalLayout.PageSize <= segment.Length)
        {
            if (!BatchHeader.TryRead(segment[(int)at..], generation, out BatchHeader batch) || batch.Length > segment.Length - at)
            {
                at += JournalLayout.PageSize;
                continue;
            }

            if (batch.FirstSequence != expected || at != good)
            {
                // Records are missing in front of this batch.
                if (expected > mark && !endIsKnown)
                    break;
                scan.Damage.Add((good, at - good));
            }

            int partsBefore = scan.Parts.Count;
            ulong reached = ReadBatch(segment, at, batch, generation, scan);
            expected = batch.FirstSequence + (ulong)batch.Records;
            if (reached != expected - 1)
            {
                if (reached + 1 > mark && !endIsKnown)
                {
                    // Torn: nobody was told of any of it, so none of it counts, that the next start may see it the same way.
                    scan.Parts.RemoveRange(partsBefore, scan.Parts.Count - partsBefore);
                    break;
                }

                scan.Damage.Add((at, batch.Length));
            }

            scan.LastSequence = expected - 1;
            at += JournalLayout.ToPage(batch.Length);
            good = at;
            scan.End = at;
            if (scan.LastSequence <= mark)
                scan.FlushedEnd = at;
        }

        scan.IsTorn = scan.HighestSequence > scan.LastSequence;
        if (endIsKnown && good < segment.Length)
        {
            scan.Damage.Add((good, segment.Length - good));
            scan.End = segment.Length;
        }
        else if (!endIsKnown && scan.LastSequence < mark && expected <= mark)
        {
            // Even the batches that tell of flushed records are gone.
            scan.Damage.Add((good, segment.Length - good));
        }

        return scan;
    }

    private static ulong HighestMark(ReadOnlySpan<byte> segment, ulong generation, SegmentScan scan)
    {
        ulong mark = 0;
        for (int at = JournalLayout.DataStart; at + JournalLayout.PageSize <= segment.Length; at += JournalLayout.PageSize)
        {
            if (!BatchHeader.TryRead(segment[at..], generation, out BatchHeader batch))
                continue;
            mark = Math.Max(mark, batch.FlushedSequence);
            scan.HighestSequence = Math.Max(scan.HighestSequence, batch.FirstSequence + (ulong)Math.Max(batch.Records, 1) - 1);
        }

        return mark;
    }

    // Takes the records of a batch up to the first bad one; returns the last sequence that is good without a gap.
    private static ulong ReadBatch(ReadOnlySpan<byte> segment, long start, in BatchHeader batch, ulong generation, SegmentScan scan)
    {
        ulong last = batch.FirstSequence - 1;
        bool gap = false;
        int at = JournalLayout.BatchHeaderSize;
        ReadOnlySpan<byte> bytes = segment.Slice((int)start, batch.Length);
        while (at + JournalLayout.RecordHeaderSize <= bytes.Length)
        {
            ReadOnlySpan<byte> rest = bytes[at..];
            if (!RecordHeader.TryRead(rest, generation, out RecordHeader record)
                || record.Length > rest.Length
                || !TakeParts(rest[..record.Length], record, (uint)(start + at), scan.Parts))
            {
                // Records start at multiples of eight: the next whole one, if any, is found by its mark and checksum.
                gap = true;
                at += 8;
                continue;
            }

            if (!gap)
                last = record.Sequence;
            at += record.Length;
        }

        return last;
    }

    private static bool TakeParts(ReadOnlySpan<byte> record, in RecordHeader header, uint offset, List<JournalPart> parts)
    {
        int before = parts.Count;
        ReadOnlySpan<byte> rest = record.Slice(JournalLayout.RecordHeaderSize, header.PartsLength);
        int contentAt = header.ContentStart;
        for (int i = 0; i < header.Parts; i++)
        {
            bool good = RecordPart.TryTake(ref rest, out RecordPart part);
            if (good && part.Kind == PartKind.Content)
            {
                good = part.ContentLength >= 0
                    && part.ContentLength <= record.Length - contentAt
                    && Crc32C.Compute(record.Slice(contentAt, part.ContentLength)) == part.ContentCrc;
                contentAt += good ? JournalLayout.ToEight(part.ContentLength) : 0;
            }
            else if (good)
            {
                good = TryDescribe(part, out JournalPart described);
                described.Offset = offset;
                described.RecordLength = (uint)header.Length;
                parts.Add(described);
            }

            if (!good)
            {
                parts.RemoveRange(before, parts.Count - before);
                return false;
            }
        }

        return true;
    }

    /// <summary>What the index needs of a part; false where its payload is not whole.</summary>
    public static bool TryDescribe(in RecordPart part, out JournalPart described)
    {
        described = new JournalPart { Kind = part.Kind, Flags = part.Flags, Id = part.Id };
        switch (part.Kind)
        {
            case PartKind.Head:
                if (!EnvelopeSerializer.TryReadHead(part.Payload, out EnvelopeHead? head) || head!.Item.Envelope.Id != part.Id)
                    return false;
                DeliveryState first = head.Item.State;
                described.DueTicks = first.DueAt.UtcTicks;
                described.Attempts = first.Attempts;
                described.Version = first.Version;
                described.Length = head.Item.Envelope.AddedHeaders.Length + head.ContentLength;
                described.Domain = head.Item.Domain;
                described.Urgency = Urgency.Of(head.Item.Envelope);
                described.ContentId = (part.Flags & PartFlags.ContentInFile) != 0 ? head.ContentId : default;
                return true;
            case PartKind.State:
                if (!EnvelopeSerializer.TryReadState(part.Payload, out QueueId id, out DeliveryState? state) || id != part.Id)
                    return false;
                described.DueTicks = state!.DueAt.UtcTicks;
                described.Attempts = state.Attempts;
                described.Version = state.Version;
                described.Domain = state.RoutingDomain;
                return true;
            case PartKind.Close:
                if (part.Payload.Length == 16)
                    described.ContentId = new QueueId(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(part.Payload));
                return true;
            default:
                // A kind of a later version: nothing that this one could act on.
                return false;
        }
    }
}
