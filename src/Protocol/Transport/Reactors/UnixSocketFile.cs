using System.Net;
using System.Net.Sockets;

namespace SlimtaFast.Protocol.Transport.Reactors;

/// <summary>The file of a listening Unix-domain socket, which the system leaves behind.</summary>
internal static class UnixSocketFile
{
    /// <summary>The path, or null for anything else and for abstract names.</summary>
    public static string? GetPath(EndPoint endPoint) =>
        endPoint is UnixDomainSocketEndPoint unix && unix.ToString() is { Length: > 0 } path && path[0] is not ('@' or '\0') ? Path.GetFullPath(path) : null;

    /// <summary>Removes the file of a listener that ends; returns what was in the way, or null.</summary>
    public static Exception? Remove(string path)
    {
        try
        {
            File.Delete(path);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception;
        }
    }

    /// <summary>
    /// Sets who may connect: between binding and listening, when nobody can yet. False where the file system does not let us.
    /// </summary>
    public static bool TrySetMode(EndPoint endPoint, UnixFileMode mode)
    {
        if (GetPath(endPoint) is not { } path || OperatingSystem.IsWindows())
        {
            return false;
        }

        try
        {
            File.SetUnixFileMode(path, mode);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Removes the file of a listener that is gone; false where a listener lives or the file is something else.</summary>
    public static bool RemoveStale(EndPoint endPoint)
    {
        if (GetPath(endPoint) is not { } path)
        {
            return false;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(endPoint);
            return false;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused && (File.GetAttributes(path) & (FileAttributes.Directory | FileAttributes.ReparsePoint)) == 0)
        {
            // A plain file refuses too, so only an empty thing that nobody wrote to is taken for a socket.
            if (new FileInfo(path).Length != 0)
            {
                return false;
            }

            File.Delete(path);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
