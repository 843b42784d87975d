using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk;

/// <summary>Spool files that nothing needs any more; the closing in the journal counts as live until their removal is flushed.</summary>
/// <param name="Name">The item or content whose files they are.</param>
/// <param name="ClosedIn">The segment with the closing; 0 for none.</param>
internal readonly record struct FileRelease(QueueId Name, int ClosedIn);
