using System.Globalization;
using Microsoft.Extensions.Logging;
using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>Keeps copies of damaged stretches of the journal, because a segment will be overwritten one day. Thread-safe.</summary>
internal sealed class JournalQuarantine
{
    private readonly IFileLayer _files;
    private readonly string _folder;
    private readonly ILogger _logger;
    private int _count;

    /// <summary>Keeps them in a folder.</summary>
    public JournalQuarantine(IFileLayer files, string folder, ILogger logger)
    {
        _files = files;
        _folder = folder;
        _logger = logger;
    }

    /// <summary>Damages met since the start.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Reports damage of which nothing can be kept.</summary>
    public void Report(string path)
    {
        Interlocked.Increment(ref _count);
        DiskLog.UnreadableSegment(_logger, path);
    }

    /// <summary>Copies and reports a damaged stretch; one that was copied before is only reported.</summary>
    public void Keep(SegmentFile file, ulong generation, long offset, ReadOnlySpan<byte> bytes)
    {
        Interlocked.Increment(ref _count);
        string copy = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"journal-{generation:x8}-{offset:x8}.damaged"));
        if (!_files.Exists(copy))
        {
            using IStoreFile target = _files.Create(copy);
            target.Write(0, bytes);
            target.Flush();
        }

        DiskLog.Damaged(_logger, file.Path, offset, bytes.Length, copy);
    }
}
