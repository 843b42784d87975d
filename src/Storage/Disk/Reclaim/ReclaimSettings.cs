namespace SlimtaFast.Storage.Disk.Reclaim;

/// <summary>When and how fast old segments are emptied.</summary>
/// <param name="UsedSegments">From so many segments in use on, the oldest is emptied, where little of it is needed.</param>
/// <param name="CrowdedSegments">From so many on, also where most of it is needed.</param>
/// <param name="SpoolAfter">What waited so long in the journal becomes files.</param>
/// <param name="FilesPerSecond">Files made in a second at most.</param>
internal sealed record ReclaimSettings(int UsedSegments, int CrowdedSegments, TimeSpan SpoolAfter, int FilesPerSecond);
