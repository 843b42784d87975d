using System.Runtime.InteropServices;

namespace SlimtaFast.Storage.Disk.Files.Linux;

/// <summary>The fields that the storage needs of the kernel's <c>struct statx</c>, whose layout is the same on every architecture.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileFigures
{
    [FieldOffset(136)]
    public uint DeviceMajor;

    [FieldOffset(140)]
    public uint DeviceMinor;

    // Zero before Linux 6.1, and where the file system says nothing.
    [FieldOffset(152)]
    public uint DirectMemoryAlignment;

    [FieldOffset(156)]
    public uint DirectOffsetAlignment;
}
