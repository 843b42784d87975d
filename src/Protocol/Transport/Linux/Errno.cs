using System.Net.Sockets;

namespace SlimtaFast.Protocol.Transport.Linux;

/// <summary>Linux error numbers, the same on x64 and arm64.</summary>
internal static class Errno
{
    public const int Interrupted = 4;
    public const int Again = 11;
    public const int NoMemory = 12;
    public const int AccessDenied = 13;
    public const int SystemFilesSpent = 23;
    public const int ProcessFilesSpent = 24;
    public const int AddressInUse = 98;
    public const int NoBuffers = 105;
    public const int ConnectionRefused = 111;
    public const int InProgress = 115;

    /// <summary>The .NET name of an error number.</summary>
    public static SocketError ToSocketError(int errno) => errno switch
    {
        0 => SocketError.Success,
        1 or AccessDenied => SocketError.AccessDenied,
        2 or 99 => SocketError.AddressNotAvailable,
        9 or 22 => SocketError.InvalidArgument,
        Again => SocketError.WouldBlock,
        NoMemory or NoBuffers => SocketError.NoBufferSpaceAvailable,
        SystemFilesSpent or ProcessFilesSpent => SocketError.TooManyOpenSockets,
        32 => SocketError.Shutdown,
        88 => SocketError.NotSocket,
        91 => SocketError.ProtocolType,
        93 => SocketError.ProtocolNotSupported,
        95 => SocketError.OperationNotSupported,
        97 => SocketError.AddressFamilyNotSupported,
        AddressInUse => SocketError.AddressAlreadyInUse,
        100 => SocketError.NetworkDown,
        101 => SocketError.NetworkUnreachable,
        102 => SocketError.NetworkReset,
        103 => SocketError.ConnectionAborted,
        104 => SocketError.ConnectionReset,
        106 => SocketError.IsConnected,
        107 => SocketError.NotConnected,
        110 => SocketError.TimedOut,
        ConnectionRefused => SocketError.ConnectionRefused,
        112 => SocketError.HostDown,
        113 => SocketError.HostUnreachable,
        114 => SocketError.AlreadyInProgress,
        InProgress => SocketError.InProgress,
        _ => SocketError.SocketError,
    };

    /// <summary>Throws where a call failed.</summary>
    public static int Throw(int result) => result >= 0 ? result : throw new SocketException((int)ToSocketError(-result));
}
