using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Storage.Disk.Files;
using SlimtaFast.Storage.Disk.Spool;

namespace SlimtaFast.Storage.Tests.Disk.Crash;

/// <summary>Storages so small and quick that a short life of one fills segments, seals them, empties and frees them.</summary>
internal static class CrashSettings
{
    /// <summary>A storage on a simulated disk.</summary>
    public static DiskStorage Make(IFileLayer files, int segments = 6, bool journal = true, int largeSpool = SpoolSettings.UsualLargeSpool) => new(
        new DiskStorageOptions
        {
            Directory = "/spool",
            Journal = journal,
            SegmentBytes = 64 * 1024,
            JournalMaxBytes = segments * 64 * 1024,
            OutcomeFlushDelay = TimeSpan.FromMilliseconds(1),
            RetryDelay = TimeSpan.FromMilliseconds(2),
            SpoolAfter = TimeSpan.FromMinutes(10),
            SpoolFilesPerSecond = 100_000,
            ReaderThreads = 1,
            ScanThreads = 1,
            LargeSpool = largeSpool,
        },
        NullLogger.Instance,
        files);
}
