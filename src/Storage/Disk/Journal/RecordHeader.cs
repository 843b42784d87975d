using System.Buffers.Binary;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>
/// What stands in front of a record's parts. Its checksum covers itself and the parts, generation and sequence included, so that nothing of
/// an earlier use of the file passes for a record of this one. Contents have checksums of their own, named in their parts.
/// </summary>
/// <param name="Generation">The use of the file that it belongs to.</param>
/// <param name="Sequence">Counts all records of the journal.</param>
/// <param name="Length">Octets of the whole record: header, parts and contents, a multiple of eight.</param>
/// <param name="PartsLength">Octets of the parts.</param>
/// <param name="Parts">How many parts.</param>
internal readonly record struct RecordHeader(ulong Generation, ulong Sequence, int Length, int PartsLength, int Parts)
{
    /// <summary>Where the contents start in the record.</summary>
    public int ContentStart => JournalLayout.ToEight(JournalLayout.RecordHeaderSize + PartsLength);

    /// <summary>Fills the first octets of a record whose parts are already in place.</summary>
    public void Write(Span<byte> record)
    {
        JournalLayout.RecordMagic.CopyTo(record);
        BinaryPrimitives.WriteUInt64LittleEndian(record[8..], Generation);
        BinaryPrimitives.WriteUInt64LittleEndian(record[16..], Sequence);
        BinaryPrimitives.WriteInt32LittleEndian(record[24..], Length);
        BinaryPrimitives.WriteInt32LittleEndian(record[28..], PartsLength);
        BinaryPrimitives.WriteInt32LittleEndian(record[32..], Parts);
        BinaryPrimitives.WriteInt32LittleEndian(record[36..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], Crc32C.Compute(record[8..(JournalLayout.RecordHeaderSize + PartsLength)]));
    }

    /// <summary>
    /// Reads a header and checks it with the parts, which must be among <paramref name="bytes"/>; the contents need not be. False for
    /// anything else than a whole record of the generation asked for.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, ulong generation, out RecordHeader header)
    {
        header = default;
        if (bytes.Length < JournalLayout.RecordHeaderSize || !bytes.StartsWith(JournalLayout.RecordMagic))
            return false;
        header = new RecordHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[28..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[32..]));
        return header.Generation == generation
            && header.PartsLength >= 0
            && header.PartsLength <= bytes.Length - JournalLayout.RecordHeaderSize
            && header.Length >= JournalLayout.RecordHeaderSize + header.PartsLength
            && (header.Length & 7) == 0
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..])
                == Crc32C.Compute(bytes[8..(JournalLayout.RecordHeaderSize + header.PartsLength)]);
    }
}
