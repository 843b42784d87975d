using FsCheck.Xunit;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Journal;

namespace SlimtaFast.Storage.Tests.Disk.Journal;

/// <summary>The fixed parts of the format are read as written, and not at all once a bit of them has changed.</summary>
public sealed class JournalPagesTests
{
    [Property]
    public void Segment_header_is_read_as_written(ulong first, long end, ulong sequence, int bit)
    {
        var header = new SegmentHeader(5, first, 4, end, sequence, 1 << 26);
        byte[] page = new byte[JournalLayout.PageSize];
        header.Write(page);
        Assert.True(SegmentHeader.TryRead(page, out SegmentHeader read));
        Assert.Equal(header, read);
        Flip(page, bit, 64);
        Assert.False(SegmentHeader.TryRead(page, out _));
    }

    [Property]
    public void Freed_marker_is_read_as_written(ulong generation, int bit)
    {
        byte[] page = new byte[JournalLayout.PageSize];
        FreedMarker.Write(page, generation);
        Assert.True(FreedMarker.TryRead(page, out ulong read));
        Assert.Equal(generation, read);
        Flip(page, bit, 24);
        Assert.False(FreedMarker.TryRead(page, out _));
    }

    [Property]
    public void Trailer_is_read_as_written(ulong generation, ulong sequence, uint crc, int bit)
    {
        var trailer = new SegmentTrailer(generation, 40960, sequence, 7200, crc, 100);
        byte[] page = new byte[JournalLayout.PageSize];
        trailer.Write(page);
        Assert.True(SegmentTrailer.TryRead(page, 65536, out SegmentTrailer read));
        Assert.Equal(trailer, read);
        Assert.False(SegmentTrailer.TryRead(page, 45056, out _));
        Flip(page, bit, 56);
        Assert.False(SegmentTrailer.TryRead(page, 65536, out _));
    }

    [Property]
    public void Batch_header_is_read_as_written(ulong generation, ulong first, ulong flushed, int bit)
    {
        var header = new BatchHeader(generation, first, flushed, 5000, 3);
        byte[] bytes = new byte[JournalLayout.BatchHeaderSize];
        header.Write(bytes);
        Assert.True(BatchHeader.TryRead(bytes, generation, out BatchHeader read));
        Assert.Equal(header, read);
        Assert.False(BatchHeader.TryRead(bytes, generation + 1, out _));
        Flip(bytes, bit, bytes.Length);
        Assert.False(BatchHeader.TryRead(bytes, generation, out _));
    }

    [Property]
    public void Segment_index_is_read_as_written(int seed)
    {
        var random = new Random(seed);
        using var builder = new SegmentIndexBuilder();
        var parts = new List<JournalPart>();
        // Also more than one block holds.
        for (int i = random.Next(4) == 0 ? random.Next(3000) : random.Next(200); i > 0; i--)
        {
            var part = new JournalPart
            {
                Kind = (PartKind)random.Next(2, 5),
                Flags = (PartFlags)random.Next(2),
                Id = new QueueId(new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64())),
                ContentId = new QueueId(new UInt128(0, (ulong)random.NextInt64())),
                DueTicks = random.NextInt64(),
                Length = random.NextInt64(),
                Attempts = random.Next(),
                Version = random.Next(),
                Offset = (uint)random.Next(),
                RecordLength = (uint)random.Next(),
                Domain = random.Next(4) == 0 ? null : $"host{random.Next(20)}.bücher.example",
            };
            parts.Add(part);
            builder.Add(part);
        }

        byte[] bytes = new byte[builder.Length];
        builder.Write(bytes);
        Assert.True(bytes.Length <= parts.Sum(static part => SegmentIndexBuilder.LengthOf(part)));
        var trailer = new SegmentTrailer(1, JournalLayout.DataStart, 1, bytes.Length, Crc32C.Compute(bytes), builder.Entries);
        var read = new List<JournalPart>();
        Assert.True(SegmentIndexReader.TryRead(bytes, trailer, read));
        Assert.Equal(parts, read);
        if (bytes.Length == 0)
            return;
        bytes[random.Next(bytes.Length)] ^= 16;
        Assert.False(SegmentIndexReader.TryRead(bytes, trailer, []));
    }

    private static void Flip(byte[] bytes, int bit, int length)
    {
        int at = (int)((uint)bit % (uint)(length * 8));
        bytes[at / 8] ^= (byte)(1 << (at % 8));
    }
}
