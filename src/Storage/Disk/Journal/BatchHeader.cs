using System.Buffers.Binary;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>What stands in front of the records of one write. A batch starts at a page, so that recovery finds the next one behind damage.</summary>
/// <param name="Generation">The use of the file that it belongs to.</param>
/// <param name="FirstSequence">Sequence of its first record.</param>
/// <param name="FlushedSequence">The highest sequence known flushed before this batch was written: a bad record up to there is damage, not a torn tail.</param>
/// <param name="Length">Octets of header and records, without the padding to a page.</param>
/// <param name="Records">How many records.</param>
internal readonly record struct BatchHeader(ulong Generation, ulong FirstSequence, ulong FlushedSequence, int Length, int Records)
{
    /// <summary>Fills the first octets of a batch.</summary>
    public void Write(Span<byte> batch)
    {
        batch[..JournalLayout.BatchHeaderSize].Clear();
        JournalLayout.BatchMagic.CopyTo(batch);
        BinaryPrimitives.WriteUInt64LittleEndian(batch[8..], Generation);
        BinaryPrimitives.WriteUInt64LittleEndian(batch[16..], FirstSequence);
        BinaryPrimitives.WriteUInt64LittleEndian(batch[24..], FlushedSequence);
        BinaryPrimitives.WriteInt32LittleEndian(batch[32..], Length);
        BinaryPrimitives.WriteInt32LittleEndian(batch[36..], Records);
        BinaryPrimitives.WriteUInt32LittleEndian(batch[4..], Crc32C.Compute(batch[8..JournalLayout.BatchHeaderSize]));
    }

    /// <summary>Reads a header; false unless it is whole and of the generation asked for.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, ulong generation, out BatchHeader header)
    {
        header = default;
        if (bytes.Length < JournalLayout.BatchHeaderSize
            || !bytes.StartsWith(JournalLayout.BatchMagic)
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) != generation
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) != Crc32C.Compute(bytes[8..JournalLayout.BatchHeaderSize]))
        {
            return false;
        }

        header = new BatchHeader(
            generation,
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[36..]));
        return header.Length >= JournalLayout.BatchHeaderSize && header.Records >= 0;
    }
}
