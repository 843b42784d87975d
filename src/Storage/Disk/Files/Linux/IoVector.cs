using System.Runtime.InteropServices;

namespace SlimtaFast.Storage.Disk.Files.Linux;

/// <summary>The kernel's <c>struct iovec</c>: one part of a gathered write.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public byte* Start;
    public nint Length;
}
