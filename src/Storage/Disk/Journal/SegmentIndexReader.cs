using System.Buffers.Binary;
using System.Text;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>Reads the index of a sealed segment back.</summary>
internal static class SegmentIndexReader
{
    /// <summary>Adds the entries to <paramref name="parts"/>; false, with nothing added, where the octets are not what the trailer says.</summary>
    public static bool TryRead(ReadOnlySpan<byte> index, in SegmentTrailer trailer, List<JournalPart> parts)
    {
        if (index.Length != trailer.IndexLength || Crc32C.Compute(index) != trailer.IndexCrc)
            return false;
        int entriesLength = trailer.Entries * JournalLayout.IndexEntrySize;
        List<string> domains = [];
        for (ReadOnlySpan<byte> names = index[entriesLength..]; names.Length > 0;)
        {
            int length = names.Length < 2 ? int.MaxValue : BinaryPrimitives.ReadUInt16LittleEndian(names);
            if (length > names.Length - 2)
                return false;
            domains.Add(Encoding.UTF8.GetString(names.Slice(2, length)));
            names = names[(2 + length)..];
        }

        int before = parts.Count;
        parts.EnsureCapacity(before + trailer.Entries);
        for (int at = 0; at < entriesLength; at += JournalLayout.IndexEntrySize)
        {
            ReadOnlySpan<byte> entry = index.Slice(at, JournalLayout.IndexEntrySize);
            int domain = BinaryPrimitives.ReadInt32LittleEndian(entry[68..]);
            if (domain >= domains.Count)
            {
                parts.RemoveRange(before, parts.Count - before);
                return false;
            }

            parts.Add(new JournalPart
            {
                Kind = (PartKind)entry[0],
                Flags = (PartFlags)entry[1],
                Urgency = Urgency.FromOctet(entry[2]),
                Attempts = BinaryPrimitives.ReadInt32LittleEndian(entry[4..]),
                Offset = BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]),
                RecordLength = BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]),
                Id = new QueueId(BinaryPrimitives.ReadUInt128BigEndian(entry[16..])),
                ContentId = new QueueId(BinaryPrimitives.ReadUInt128BigEndian(entry[32..])),
                DueTicks = BinaryPrimitives.ReadInt64LittleEndian(entry[48..]),
                Length = BinaryPrimitives.ReadInt64LittleEndian(entry[56..]),
                Version = BinaryPrimitives.ReadInt32LittleEndian(entry[64..]),
                Domain = domain < 0 ? null : domains[domain],
            });
        }

        return true;
    }
}
