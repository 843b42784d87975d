using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SlimtaFast.Protocol.Transport.Linux;

/// <summary>
/// The system calls of the reactor. Each returns a result of 0 or more, or the negated error number, and is repeated after EINTR. The
/// error number is read only after a failure, by the same call that the interop generator would use.
/// </summary>
internal static unsafe partial class Libc
{
    private const int NoSignal = 0x4000;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int StreamSocket = 1;
    private const int SendSide = 1;
    private const int SocketLevel = 1;
    private const int DescriptorLimit = 7;
    private const int DuplicateCloseOnExec = 1030;

    public static int EpollCreate() => Check(NativeEpollCreate(CloseOnExec));

    public static int EpollControl(int epoll, int operation, int descriptor, uint events, ulong data)
    {
        // struct epoll_event: 4 bytes of events, then 8 of data; packed on x64 only.
        byte* entry = stackalloc byte[16];
        *(uint*)entry = events;
        Unsafe.WriteUnaligned(entry + EpollEvents.DataOffset, data);
        return Check(NativeEpollControl(epoll, operation, descriptor, entry));
    }

    public static int EpollWait(int epoll, byte* events, int count, int timeout)
    {
        while (true)
        {
            int result = Check(NativeEpollWait(epoll, events, count, timeout));
            if (result != -Errno.Interrupted)
            {
                return result;
            }
        }
    }

    public static int EventFd() => Check(NativeEventFd(0, NonBlocking | CloseOnExec));

    public static int Signal(int eventFd)
    {
        ulong one = 1;
        while (true)
        {
            int result = Check(NativeWrite(eventFd, (byte*)&one, sizeof(ulong)));
            if (result != -Errno.Interrupted)
            {
                return result;
            }
        }
    }

    public static int Socket(int family) => Check(NativeSocket(family, StreamSocket | NonBlocking | CloseOnExec, 0));

    public static int Bind(int descriptor, ReadOnlySpan<byte> address)
    {
        fixed (byte* bytes = address)
        {
            return Check(NativeBind(descriptor, bytes, (uint)address.Length));
        }
    }

    public static int Listen(int descriptor, int backlog) => Check(NativeListen(descriptor, backlog));

    public static int Accept(int descriptor, Span<byte> address, out int addressLength)
    {
        fixed (byte* bytes = address)
        {
            while (true)
            {
                uint length = (uint)address.Length;
                int result = Check(NativeAccept(descriptor, bytes, &length, NonBlocking | CloseOnExec));
                if (result != -Errno.Interrupted)
                {
                    addressLength = (int)length;
                    return result;
                }
            }
        }
    }

    /// <summary>Starts to connect; after EINTR a connect goes on by itself, which is the same as EINPROGRESS.</summary>
    public static int Connect(int descriptor, ReadOnlySpan<byte> address)
    {
        fixed (byte* bytes = address)
        {
            int result = Check(NativeConnect(descriptor, bytes, (uint)address.Length));
            return result == -Errno.Interrupted ? -Errno.InProgress : result;
        }
    }

    public static int GetLocalName(int descriptor, Span<byte> address, out int addressLength)
    {
        uint length = (uint)address.Length;
        fixed (byte* bytes = address)
        {
            int result = Check(NativeGetSocketName(descriptor, bytes, &length));
            addressLength = (int)length;
            return result;
        }
    }

    public static int Receive(int descriptor, Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            while (true)
            {
                int result = Check(NativeReceive(descriptor, bytes, (nuint)buffer.Length, 0));
                if (result != -Errno.Interrupted)
                {
                    return result;
                }
            }
        }
    }

    public static int Send(int descriptor, ReadOnlySpan<byte> data)
    {
        fixed (byte* bytes = data)
        {
            while (true)
            {
                int result = Check(NativeSend(descriptor, bytes, (nuint)data.Length, NoSignal));
                if (result != -Errno.Interrupted)
                {
                    return result;
                }
            }
        }
    }

    public static int Send(int descriptor, IoVector* vectors, int count)
    {
        MessageHeader header = default;
        header.Vectors = vectors;
        header.VectorCount = (nuint)count;
        while (true)
        {
            int result = Check(NativeSendMessage(descriptor, &header, NoSignal));
            if (result != -Errno.Interrupted)
            {
                return result;
            }
        }
    }

    public static int ShutdownSend(int descriptor) => Check(NativeShutdown(descriptor, SendSide));

    /// <summary>Closes a descriptor. Never repeated: on Linux it is free even after EINTR, and may be another's by then.</summary>
    public static int Close(int descriptor) => Check(NativeClose(descriptor));

    public static int SetOption(int descriptor, int level, int option, int value) =>
        Check(NativeSetOption(descriptor, level, option, &value, sizeof(int)));

    /// <summary>Lets the close of a socket reset the connection: SO_LINGER with a time of 0.</summary>
    public static int SetResetOnClose(int descriptor)
    {
        int* linger = stackalloc int[2] { 1, 0 };
        return Check(NativeSetOption(descriptor, SocketLevel, SocketOptions.Linger, linger, 2 * sizeof(int)));
    }

    /// <summary>Takes the pending error of a socket; 0 where there is none.</summary>
    public static int GetError(int descriptor)
    {
        int value = 0;
        uint length = sizeof(int);
        int result = Check(NativeGetOption(descriptor, SocketLevel, SocketOptions.Error, &value, &length));
        return result < 0 ? -result : value;
    }

    /// <summary>The number below which all descriptors of the process stay: RLIMIT_NOFILE.</summary>
    public static int GetDescriptorLimit()
    {
        ulong* limits = stackalloc ulong[2];
        return Check(NativeGetLimit(DescriptorLimit, limits)) < 0 ? int.MaxValue : (int)Math.Min(limits[0], int.MaxValue);
    }

    /// <summary>The lowest free descriptor; nothing was opened.</summary>
    public static int FindFreeDescriptor(int any)
    {
        int descriptor = Check(NativeDuplicate(any, DuplicateCloseOnExec, 0));
        if (descriptor >= 0)
        {
            Close(descriptor);
        }

        return descriptor;
    }

    private static int Check(nint result) => result >= 0 ? (int)result : -Marshal.GetLastSystemError();

    [LibraryImport("libc", EntryPoint = "epoll_create1")]
    private static partial int NativeEpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl")]
    private static partial int NativeEpollControl(int epoll, int operation, int descriptor, byte* entry);

    [LibraryImport("libc", EntryPoint = "epoll_wait")]
    private static partial int NativeEpollWait(int epoll, byte* events, int count, int timeout);

    [LibraryImport("libc", EntryPoint = "eventfd")]
    private static partial int NativeEventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint NativeWrite(int descriptor, byte* data, nuint length);

    [LibraryImport("libc", EntryPoint = "socket")]
    private static partial int NativeSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind")]
    private static partial int NativeBind(int descriptor, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "listen")]
    private static partial int NativeListen(int descriptor, int backlog);

    [LibraryImport("libc", EntryPoint = "accept4")]
    private static partial int NativeAccept(int descriptor, byte* address, uint* length, int flags);

    [LibraryImport("libc", EntryPoint = "connect")]
    private static partial int NativeConnect(int descriptor, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "getsockname")]
    private static partial int NativeGetSocketName(int descriptor, byte* address, uint* length);

    [LibraryImport("libc", EntryPoint = "recv")]
    private static partial nint NativeReceive(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send")]
    private static partial nint NativeSend(int descriptor, byte* data, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg")]
    private static partial nint NativeSendMessage(int descriptor, MessageHeader* header, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown")]
    private static partial int NativeShutdown(int descriptor, int how);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int NativeClose(int descriptor);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int NativeGetLimit(int resource, ulong* limits);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int NativeDuplicate(int descriptor, int command, nint lowest);

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    private static partial int NativeSetOption(int descriptor, int level, int option, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "getsockopt")]
    private static partial int NativeGetOption(int descriptor, int level, int option, void* value, uint* length);
}
