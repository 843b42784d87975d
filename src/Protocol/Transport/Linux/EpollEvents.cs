using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SlimtaFast.Protocol.Transport.Linux;

/// <summary>Bits, operations and memory layout of epoll. Its event structure is packed on x64 and aligned elsewhere.</summary>
internal static unsafe class EpollEvents
{
    public const uint In = 0x1;
    public const uint Out = 0x4;
    public const uint Error = 0x8;
    public const uint HangUp = 0x10;
    public const uint PeerHangUp = 0x2000;
    public const uint Exclusive = 1u << 28;
    public const uint EdgeTriggered = 1u << 31;

    public const int Add = 1;
    public const int Delete = 2;

    /// <summary>Where the data stands in an event.</summary>
    public static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    /// <summary>Bytes of an event.</summary>
    public static readonly int Size = DataOffset + 8;

    public static uint GetBits(byte* events, int index) => *(uint*)(events + (index * Size));

    public static ulong GetData(byte* events, int index) => Unsafe.ReadUnaligned<ulong>(events + (index * Size) + DataOffset);
}
