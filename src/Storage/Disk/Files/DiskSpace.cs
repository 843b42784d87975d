namespace SlimtaFast.Storage.Disk.Files;

/// <summary>Room on a file system, as an unprivileged process sees it.</summary>
/// <param name="FreeBytes">Octets left.</param>
/// <param name="TotalBytes">Octets in all.</param>
/// <param name="FreeFiles">File names left; <see cref="long.MaxValue"/> where the file system has no such limit.</param>
internal readonly record struct DiskSpace(long FreeBytes, long TotalBytes, long FreeFiles);
