using Microsoft.Extensions.Logging;

namespace SlimtaFast.Storage.Disk;

/// <summary>What the disk storage tells the operator. Event ids 2000 to 2099.</summary>
internal static partial class DiskLog
{
    [LoggerMessage(2000, LogLevel.Information, "recovered {Items} items from {Segments} journal segments in {Milliseconds} ms")]
    public static partial void Recovered(ILogger logger, long items, int segments, long milliseconds);

    [LoggerMessage(2001, LogLevel.Information, "the journal ended in a torn write at {Path} offset {Offset}: what was never acknowledged is ignored")]
    public static partial void TornTail(ILogger logger, string path, long offset);

    [LoggerMessage(2002, LogLevel.Error, "damaged journal data at {Path} offset {Offset}, {Length} octets that had been flushed, copied to {Copy}")]
    public static partial void Damaged(ILogger logger, string path, long offset, long length, string copy);

    [LoggerMessage(2003, LogLevel.Error, "writing or flushing {Path} failed: {Requests} requests are answered as failed, and the segment is given up")]
    public static partial void CommitFailed(ILogger logger, string path, int requests, Exception exception);

    [LoggerMessage(2004, LogLevel.Information, "the journal can be written again")]
    public static partial void Resumed(ILogger logger);

    [LoggerMessage(2005, LogLevel.Warning, "making or freeing journal segments failed; trying again")]
    public static partial void SegmentWorkFailed(ILogger logger, Exception exception);

    [LoggerMessage(2006, LogLevel.Warning, "writing the index of {Path} failed; the next start reads it whole")]
    public static partial void SealingFailed(ILogger logger, string path, Exception exception);

    [LoggerMessage(2007, LogLevel.Error, "{Path} is not a journal segment that can be read; it is left alone")]
    public static partial void UnreadableSegment(ILogger logger, string path);

    [LoggerMessage(2008, LogLevel.Error, "item {Id} could not be read back from {Path}")]
    public static partial void UnreadableItem(ILogger logger, Mail.QueueId id, string path, Exception exception);

    [LoggerMessage(2009, LogLevel.Warning, "deleting or reading spool files failed; trying again")]
    public static partial void SpoolWorkFailed(ILogger logger, Exception exception);

    [LoggerMessage(2010, LogLevel.Warning, "item {Id} is dropped: its content {Content} was never stored, so nobody was told that it was accepted")]
    public static partial void ContentMissing(ILogger logger, Mail.QueueId id, Mail.QueueId content);
}
