using FsCheck.Xunit;
using SlimtaFast.Storage.Disk.Journal;

namespace SlimtaFast.Storage.Tests.Disk.Journal;

/// <summary>A torn tail is told from damage: what was flushed is never silently lost, what was not is never taken by half.</summary>
public sealed class SegmentScannerTests
{
    [Fact]
    public void Whole_segment_is_read_in_order()
    {
        SegmentBytes segment = Make();
        SegmentScan scan = segment.Scan();
        Assert.Equal(segment.IdsOf(0, 1, 2), scan.Parts.Select(static part => part.Id));
        Assert.Equal(segment.End, scan.End);
        Assert.Equal(segment.Sequence, scan.LastSequence);
        Assert.False(scan.IsTorn);
        Assert.Empty(scan.Damage);
    }

    [Fact]
    public void Tail_torn_at_any_sector_is_dropped_and_is_no_damage()
    {
        (int start, int length, _) = Make().Batches[2];
        for (int from = start; from < start + length; from += 512)
        {
            SegmentBytes segment = Make();
            segment.Bytes.AsSpan(from, Math.Min(512, start + length - from)).Clear();
            SegmentScan scan = segment.Scan();
            Assert.Equal(segment.IdsOf(0, 1), scan.Parts.Select(static part => part.Id));
            Assert.Equal(start, scan.End);
            Assert.Empty(scan.Damage);
        }
    }

    [Property(MaxTest = 200)]
    public void Any_flipped_bit_of_what_was_flushed_is_reported_and_costs_its_batch_at_most(int seed)
    {
        var random = new Random(seed);
        SegmentBytes segment = Make();
        int batch = random.Next(2);
        (int start, int length, Mail.QueueId[] ids) = segment.Batches[batch];
        int at = start + random.Next(length);
        segment.Bytes[at] ^= (byte)(1 << random.Next(8));
        SegmentScan scan = segment.Scan();
        Assert.Equal(segment.IdsOf(2), scan.Parts.Select(static part => part.Id).Except(segment.IdsOf(0, 1)));
        Assert.Empty(segment.IdsOf(1 - batch).Except(scan.Parts.Select(static part => part.Id)));
        // A flip in the padding between records harms nothing; any other costs at least one record and is reported.
        if (ids.Except(scan.Parts.Select(static part => part.Id)).Any())
            Assert.Contains(scan.Damage, damage => damage.Offset <= at && at < damage.Offset + damage.Length);
        Assert.Equal(segment.End, scan.End);
    }

    [Fact]
    public void Batch_behind_a_lost_unflushed_one_does_not_count()
    {
        SegmentBytes segment = new();
        segment.AddBatch(2, 100);
        segment.Flush();
        segment.AddBatch(1, 100);
        segment.AddBatch(1, 100);
        segment.Bytes.AsSpan(segment.Batches[1].Start, 512).Clear();
        SegmentScan scan = segment.Scan();
        Assert.Equal(segment.IdsOf(0), scan.Parts.Select(static part => part.Id));
        Assert.Equal(segment.Batches[1].Start, scan.End);
        Assert.True(scan.IsTorn);
        Assert.Empty(scan.Damage);
        Assert.Equal(segment.Sequence, scan.HighestSequence);
    }

    [Fact]
    public void Missing_batch_before_a_known_end_is_damage()
    {
        SegmentBytes segment = Make();
        segment.Bytes.AsSpan(segment.Batches[2].Start, JournalLayout.PageSize).Clear();
        SegmentScan scan = segment.ScanToEnd();
        Assert.Equal(segment.IdsOf(0, 1), scan.Parts.Select(static part => part.Id));
        Assert.Equal(segment.End, scan.End);
        Assert.NotEmpty(scan.Damage);
    }

    [Fact]
    public void Records_of_an_earlier_use_of_the_file_are_invisible()
    {
        var old = new SegmentBytes(generation: 3, firstSequence: 1);
        for (int i = 0; i < 10; i++)
            old.AddBatch(3, 900);
        var segment = new SegmentBytes(generation: 9, firstSequence: 500);
        old.Bytes.CopyTo(segment.Bytes, 0);
        segment.AddBatch(2, 700);
        segment.Flush();
        segment.AddBatch(1, 5000);
        SegmentScan scan = segment.Scan();
        Assert.Equal(segment.IdsOf(0, 1), scan.Parts.Select(static part => part.Id));
        Assert.Equal(segment.End, scan.End);
        Assert.False(scan.IsTorn);
        Assert.Empty(scan.Damage);
    }

    [Property(MaxTest = 100)]
    public void Any_octets_are_read_without_a_fault(int seed)
    {
        var random = new Random(seed);
        SegmentBytes segment = Make();
        for (int i = random.Next(1, 200); i > 0; i--)
            segment.Bytes[random.Next(segment.End)] = (byte)random.Next(256);
        SegmentScan scan = segment.Scan();
        Assert.InRange(scan.End, JournalLayout.DataStart, segment.Bytes.Length);
        Assert.Empty(scan.Parts.Select(static part => part.Id).Except(segment.IdsOf(0, 1, 2)));
    }

    // Two flushed batches, and a last one of which nobody knows.
    private static SegmentBytes Make()
    {
        var segment = new SegmentBytes();
        segment.AddBatch(3, 1000);
        segment.Flush();
        segment.AddBatch(2, 6000);
        segment.Flush();
        segment.AddBatch(4, 2500);
        return segment;
    }
}
