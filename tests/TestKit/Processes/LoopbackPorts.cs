using System.Net;
using System.Net.Sockets;

namespace SlimtaFast.TestKit.Processes;

/// <summary>
/// Ports for programs that are told where to listen, and come to it later. They are below those that the system gives to connections and to listeners of port 0,
/// and marked in a file until this process ends, so that no other test process gives them away meanwhile. Thread-safe.
/// </summary>
internal static class LoopbackPorts
{
    private const int First = 10_240, End = 32_000;

    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Taken = [];

    // Each user's own: nobody else's can be opened.
    private static readonly FileStream Marks = new(Path.Combine(Path.GetTempPath(), $"slimtafast-test-ports-{Environment.UserName}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>A port on which nothing listens, and that nobody else is given.</summary>
    public static int Take()
    {
        lock (Gate)
        {
            while (true)
            {
                int port = Random.Shared.Next(First, End);
                if (IsFree(port) && TryMark(port))
                    return port;
            }
        }
    }

    /// <summary>The same for a program that listens as well on the port which is so far above it.</summary>
    public static int TakeWith(int distance)
    {
        lock (Gate)
        {
            while (true)
            {
                int port = Random.Shared.Next(First, End - distance);
                if (IsFree(port) && IsFree(port + distance) && TryMark(port) && TryMark(port + distance))
                    return port;
            }
        }
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static bool TryMark(int port)
    {
        if (!Taken.Add(port))
            return false;
        if (!OperatingSystem.IsLinux())
            return true;
        try
        {
            Marks.Lock(port, 1);
            return true;
        }
        catch (IOException)
        {
            // Another process has it.
            return false;
        }
    }
}
