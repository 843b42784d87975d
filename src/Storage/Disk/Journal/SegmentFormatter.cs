using System.Globalization;
using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>Makes segment files and writes their pages other than batches. Each method returns when its work is on stable storage.</summary>
internal sealed class SegmentFormatter
{
    // Small enough that a flush of the journal never waits long behind one.
    private const int ZeroChunk = 256 * 1024;

    private readonly IFileLayer _files;
    private readonly JournalSettings _settings;

    /// <summary>Works in the settings' folder.</summary>
    public SegmentFormatter(IFileLayer files, JournalSettings settings)
    {
        _files = files;
        _settings = settings;
    }

    /// <summary>
    /// Makes a segment file: written through with zeros, so that later flushes have no metadata to commit, and named only when that is
    /// flushed.
    /// </summary>
    /// <param name="pace">Called after each piece with the part that is written, 0 to 1; may wait.</param>
    public SegmentFile Make(Action<double> pace)
    {
        string name = Guid.CreateVersion7().ToString("N", CultureInfo.InvariantCulture);
        string unfinished = Path.Combine(_settings.Folder, name + JournalLayout.UnfinishedSuffix);
        string path = Path.Combine(_settings.Folder, name + JournalLayout.SegmentSuffix);
        bool done = false;
        IStoreFile writer = _files.Create(unfinished, direct: true);
        try
        {
            using (var zeros = new AlignedBuffer(Math.Min(ZeroChunk, _settings.SegmentBytes), JournalLayout.PageSize))
            {
                for (long at = 0; at < _settings.SegmentBytes; at += zeros.Span.Length)
                {
                    writer.Write(at, zeros.Span[..(int)Math.Min(zeros.Span.Length, _settings.SegmentBytes - at)]);
                    pace((double)at / _settings.SegmentBytes);
                }

                FreedMarker.Write(zeros.Span, 0);
                writer.Write(JournalLayout.FreedMarkerOffset, zeros.Span[..JournalLayout.PageSize]);
            }

            writer.Flush();
            _files.Rename(unfinished, path);
            using (IStoreDirectory folder = _files.OpenDirectory(_settings.Folder))
                folder.Flush();
            IStoreFile reader = _files.TryOpen(path, writable: false) ?? throw new DiskException("opening", path, DiskError.NoEntry);
            done = true;
            return new SegmentFile(path, writer, reader, _settings.SegmentBytes);
        }
        finally
        {
            if (!done)
            {
                writer.Dispose();
                Discard(unfinished);
            }
        }
    }

    /// <summary>Says that the records of a generation and all before it in the file are dead.</summary>
    public static void MarkFreed(SegmentFile file, int generation)
    {
        using var page = new AlignedBuffer(JournalLayout.PageSize, JournalLayout.PageSize);
        FreedMarker.Write(page.Span, (ulong)generation);
        file.Writer.Write(JournalLayout.FreedMarkerOffset, page.Span);
        file.Writer.Flush();
    }

    /// <summary>Writes index and trailer behind the records; false where there is no room for them.</summary>
    public static bool Seal(JournalSegment segment)
    {
        SegmentIndexBuilder? index = segment.Index;
        long trailerOffset = segment.File.Length - JournalLayout.TrailerSize;
        if (index is null || segment.End + JournalLayout.ToPage(index.Length) > trailerOffset)
            return false;
        using var buffer = new AlignedBuffer((int)Math.Max(JournalLayout.ToPage(index.Length), JournalLayout.PageSize), JournalLayout.PageSize);
        index.Write(buffer.Span);
        var trailer = new SegmentTrailer(
            (ulong)segment.Generation,
            segment.End,
            segment.LastSequence,
            index.Length,
            Mail.Crc32C.Compute(buffer.Span[..index.Length]),
            index.Entries);
        if (index.Length > 0)
            segment.File.Writer.Write(segment.End, buffer.Span[..(int)JournalLayout.ToPage(index.Length)]);
        trailer.Write(buffer.Span);
        segment.File.Writer.Write(trailerOffset, buffer.Span[..JournalLayout.PageSize]);
        segment.File.Writer.Flush();
        return true;
    }

    // What a failed attempt left; a later start deletes it where this does not.
    private void Discard(string unfinished)
    {
        try
        {
            _files.Delete(unfinished);
        }
        catch (IOException)
        {
            // The failure that brought us here is the one to report.
        }
    }
}
