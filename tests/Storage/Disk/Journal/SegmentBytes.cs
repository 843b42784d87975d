using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Journal;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Tests.Disk.Journal;

/// <summary>Builds the octets of a segment batch by batch, as the writer does, for tests that then damage them.</summary>
internal sealed class SegmentBytes
{
    private readonly List<(int Start, int Length, QueueId[] Ids)> _batches = [];

    public SegmentBytes(ulong generation = 7, ulong firstSequence = 100, int length = 256 * 1024)
    {
        Generation = generation;
        FirstSequence = firstSequence;
        Sequence = firstSequence - 1;
        Bytes = new byte[length];
        End = JournalLayout.DataStart;
    }

    public byte[] Bytes { get; }

    public ulong Generation { get; }

    public ulong FirstSequence { get; }

    public ulong Sequence { get; private set; }

    public ulong Flushed { get; private set; }

    public int End { get; private set; }

    public IReadOnlyList<(int Start, int Length, QueueId[] Ids)> Batches => _batches;

    /// <summary>Appends a batch of one-item records with contents of a length.</summary>
    public void AddBatch(int records, int contentLength)
    {
        using var buffer = new BatchBuffer(1024 * 1024);
        var record = new RecordBuilder(buffer);
        buffer.Reserve(JournalLayout.BatchHeaderSize);
        ulong first = Sequence + 1;
        var ids = new List<QueueId>();
        for (int i = 0; i < records; i++)
        {
            byte[] octets = new byte[contentLength];
            new Random(End + i).NextBytes(octets);
            QueueItem item = Envelopes.MakeItem(Contents.InMemory(octets));
            record.Begin();
            record.AddContent(item.Envelope.Content);
            record.AddHead(item, PartFlags.None);
            record.End(Generation, ++Sequence);
            ids.Add(item.Envelope.Id);
        }

        new BatchHeader(Generation, first, Flushed, buffer.Length, records).Write(buffer.Written);
        int length = buffer.Length;
        buffer.PadTo(JournalLayout.PageSize);
        buffer.Written.CopyTo(Bytes.AsSpan(End));
        _batches.Add((End, length, [.. ids]));
        End += buffer.Length;
    }

    /// <summary>Has the next batches say that everything so far was flushed.</summary>
    public void Flush() => Flushed = Sequence;

    public SegmentScan Scan() => SegmentScanner.Scan(Bytes, Generation, FirstSequence, 0, endIsKnown: false);

    public SegmentScan ScanToEnd() => SegmentScanner.Scan(Bytes.AsSpan(0, End), Generation, FirstSequence, Sequence, endIsKnown: true);

    /// <summary>The items of some batches, in order.</summary>
    public IEnumerable<QueueId> IdsOf(params int[] batches) => batches.SelectMany(batch => _batches[batch].Ids);
}
