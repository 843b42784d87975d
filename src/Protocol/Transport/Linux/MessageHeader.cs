using System.Runtime.InteropServices;

namespace SlimtaFast.Protocol.Transport.Linux;

/// <summary>struct msghdr of a 64-bit system.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public void* Name;
    public nuint NameLength;
    public IoVector* Vectors;
    public nuint VectorCount;
    public void* Control;
    public nuint ControlLength;
    public nint Flags;
}
