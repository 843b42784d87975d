using Microsoft.Extensions.Logging;
using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>
/// Brings the index to where the journal left it. Sealed segments are read by their index; the last one, and any that could not be sealed,
/// record by record. Changes nothing on disk except copies of damaged data, so it may be stopped and run again at any point.
/// </summary>
internal sealed class JournalRecovery : IDisposable
{
    private readonly IFileLayer _files;
    private readonly JournalSettings _settings;
    private readonly StorageIndex _index;
    private readonly JournalQuarantine _quarantine;
    private readonly ILogger _logger;
    private readonly List<SegmentFile> _opened = [];

    /// <summary>Recovers into an empty index.</summary>
    public JournalRecovery(IFileLayer files, JournalSettings settings, StorageIndex index, JournalQuarantine quarantine, ILogger logger)
    {
        _files = files;
        _settings = settings;
        _index = index;
        _quarantine = quarantine;
        _logger = logger;
    }

    /// <summary>Reads the journal.</summary>
    public RecoveredJournal Run()
    {
        List<FoundSegment> found = [];
        List<SegmentFile> free = [];
        ulong highestGeneration = 0;
        foreach (string path in ListSegments())
        {
            if (Inspect(path) is not { } segment)
                continue;
            highestGeneration = Math.Max(highestGeneration, segment.HighestGeneration);
            if (segment.Header.Generation > segment.Freed)
                found.Add(segment);
            else
                free.Add(segment.File);
        }

        found.Sort(static (a, b) => a.Header.Generation.CompareTo(b.Header.Generation));
        List<JournalSegment> unsealed = [];
        ulong highestSequence = 0, lastSequence = 0;
        JournalSegment? last = null;
        for (int i = 0; i < found.Count; i++)
        {
            JournalSegment segment = Recover(found, i, out ulong seen);
            highestSequence = Math.Max(highestSequence, Math.Max(seen, found[i].Header.FirstSequence - 1));
            lastSequence = Math.Max(lastSequence, segment.LastSequence);
            last = segment;
            if (segment.Phase != SegmentPhase.Sealed)
                unsealed.Add(segment);
        }

        _index.EndJournalRecovery();
        var position = new JournalPosition(
            last?.Generation ?? 0, last?.End ?? 0, lastSequence, checked((int)highestGeneration), Math.Max(highestSequence, lastSequence));
        return new RecoveredJournal(position, free, unsealed, found.Count + free.Count);
    }

    /// <summary>Closes the files: only where recovery, or what follows it, failed.</summary>
    public void Dispose()
    {
        foreach (SegmentFile file in _opened)
            file.Dispose();
    }

    private List<string> ListSegments()
    {
        List<string> segments = [], unfinished = [];
        _files.List(_settings.Folder, name =>
        {
            if (name.EndsWith(JournalLayout.SegmentSuffix, StringComparison.Ordinal))
                segments.Add(Path.Combine(_settings.Folder, name.ToString()));
            else if (name.EndsWith(JournalLayout.UnfinishedSuffix, StringComparison.Ordinal))
                unfinished.Add(Path.Combine(_settings.Folder, name.ToString()));
        });
        // Files that were still being zeroed never held a record.
        foreach (string path in unfinished)
            _files.Delete(path);
        segments.Sort(StringComparer.Ordinal);
        return segments;
    }

    private FoundSegment? Inspect(string path)
    {
        if (_files.TryOpen(path, writable: true, direct: true) is not { } writer)
            return null;
        if (_files.TryOpen(path, writable: false) is not { } reader)
        {
            writer.Dispose();
            return null;
        }

        var file = new SegmentFile(path, writer, reader, reader.Length);
        _opened.Add(file);
        long length = file.Length;
        byte[] page = new byte[JournalLayout.PageSize];
        if (length < JournalLayout.DataStart + JournalLayout.TrailerSize || length % JournalLayout.PageSize != 0 || length > int.MaxValue)
        {
            _quarantine.Report(path);
            return null;
        }

        reader.Read(JournalLayout.FreedMarkerOffset, page);
        bool markerIsGood = FreedMarker.TryRead(page, out ulong freed);
        reader.Read(length - JournalLayout.TrailerSize, page);
        SegmentTrailer? trailer = SegmentTrailer.TryRead(page, length, out SegmentTrailer read) ? read : null;
        reader.Read(0, page);
        bool isBlank = page.AsSpan().IndexOfAnyExcept((byte)0) < 0;
        if (!SegmentHeader.TryRead(page, out SegmentHeader header) && !isBlank)
            header = markerIsGood ? GuessHeader(file, freed) : default;
        if (!markerIsGood && header.Generation == 0)
        {
            // Neither page can say what is in it: it is kept for people to look at, and not used.
            _quarantine.Report(path);
            return null;
        }

        return new FoundSegment
        {
            File = file,
            Header = header,
            Freed = freed,
            Trailer = trailer is { } t && t.Generation == header.Generation ? trailer : null,
            HighestGeneration = Math.Max(Math.Max(header.Generation, freed), trailer?.Generation ?? 0),
        };
    }

    // The header page is damaged, or was torn when the file was last taken into use. Batches of a generation that was never freed tell
    // which; where some of them were flushed, the segment is needed and recovered without its header.
    private static SegmentHeader GuessHeader(SegmentFile file, ulong freed)
    {
        byte[] start = new byte[JournalLayout.BatchHeaderSize];
        SegmentHeader guess = default;
        for (long at = JournalLayout.DataStart; at < file.Length - JournalLayout.TrailerSize; at += JournalLayout.PageSize)
        {
            file.Reader.Read(at, start);
            ulong generation = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(start.AsSpan(8));
            if (generation <= freed || generation < guess.Generation || !BatchHeader.TryRead(start, generation, out BatchHeader batch))
                continue;
            if (generation > guess.Generation)
                guess = new SegmentHeader(generation, batch.FirstSequence, 0, 0, batch.FirstSequence - 1, file.Length);
        }

        return guess;
    }

    private JournalSegment Recover(List<FoundSegment> found, int at, out ulong highestSequence)
    {
        FoundSegment from = found[at];
        SegmentHeader? next = null;
        for (int i = at + 1; i < found.Count; i++)
        {
            if (found[i].Header.PreviousGeneration == from.Header.Generation)
                next = found[i].Header;
        }

        var segment = new JournalSegment(
            from.File, (int)from.Header.Generation, from.Header.FirstSequence, (int)from.Header.PreviousGeneration)
        {
            Phase = SegmentPhase.Full,
            RetiredAt = Environment.TickCount64,
        };
        _index.AddSegment(segment);
        List<JournalPart> parts = [];
        if (from.Trailer is { } trailer && TryReadIndex(from.File, trailer, parts))
        {
            segment.End = trailer.End;
            segment.LastSequence = trailer.LastSequence;
            segment.Phase = SegmentPhase.Sealed;
            highestSequence = trailer.LastSequence;
        }
        else
        {
            SegmentScan scan = Scan(from, next);
            parts = scan.Parts;
            segment.End = scan.End;
            segment.LastSequence = Math.Max(scan.LastSequence, from.Header.FirstSequence - 1);
            highestSequence = scan.HighestSequence;
            segment.Index = new SegmentIndexBuilder();
            foreach (JournalPart part in parts)
                segment.Index.Add(part);
        }

        _index.Publish(parts, segment);
        return segment;
    }

    private static bool TryReadIndex(SegmentFile file, in SegmentTrailer trailer, List<JournalPart> parts)
    {
        byte[] index = new byte[trailer.IndexLength];
        return file.Reader.Read(trailer.End, index) == index.Length && SegmentIndexReader.TryRead(index, trailer, parts);
    }

    private SegmentScan Scan(FoundSegment from, SegmentHeader? next)
    {
        bool endIsKnown = next is not null || from.Trailer is not null;
        long end = next?.PreviousEnd ?? from.Trailer?.End ?? (from.File.Length - JournalLayout.TrailerSize);
        end = Math.Clamp(JournalLayout.ToPage(end), JournalLayout.DataStart, from.File.Length);
        using var bytes = new AlignedBuffer((int)end, JournalLayout.PageSize);
        int read = from.File.Reader.Read(0, bytes.Span);
        SegmentScan scan = SegmentScanner.Scan(
            bytes.Span[..read], from.Header.Generation, from.Header.FirstSequence, next?.PreviousSequence ?? 0, endIsKnown);
        foreach ((long offset, long length) in scan.Damage)
            _quarantine.Keep(from.File, from.Header.Generation, offset, bytes.Span.Slice((int)offset, (int)length));
        if (next is null)
            Settle(from.File, bytes.Span, scan);
        if (scan.IsTorn)
            DiskLog.TornTail(_logger, from.File.Path, scan.End);
        return scan;
    }

    // What was written just before the process ended may still wait in memory, or never have reached the medium: after a flush that failed
    // a later one succeeds without it. It counts from here on, so it is written once more, and flushed.
    private static void Settle(SegmentFile file, ReadOnlySpan<byte> bytes, SegmentScan scan)
    {
        if (scan.End > scan.FlushedEnd)
            file.Writer.Write(scan.FlushedEnd, bytes[(int)scan.FlushedEnd..(int)scan.End]);
        file.Writer.Flush();
    }
}
