using System.Runtime.InteropServices;

namespace SlimtaFast.Protocol.Transport.Linux;

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public byte* Start;
    public nuint Length;
}
