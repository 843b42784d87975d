using System.Runtime.InteropServices;

namespace SlimtaFast.Storage.Disk.Files.Linux;

/// <summary>The C library's <c>struct statvfs</c> on 64-bit systems, with room to spare at its end.</summary>
[StructLayout(LayoutKind.Sequential, Size = 128)]
internal struct FileSystemFigures
{
    public ulong BlockSize;
    public ulong FragmentSize;
    public ulong Blocks;
    public ulong FreeBlocks;
    public ulong AvailableBlocks;
    public ulong Files;
    public ulong FreeFiles;
    public ulong AvailableFiles;
}
