using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SlimtaFast.Storage.Disk.Files.Linux;

/// <summary>
/// A lock file held by <c>flock</c>: the kernel lets it go when the process ends, however that happens. The file itself is never removed,
/// because a second process might just be waiting at the old one while a third makes a new one.
/// </summary>
internal sealed class LinuxFileLock : IDisposable
{
    private readonly SafeFileHandle _handle;

    private LinuxFileLock(SafeFileHandle handle) => _handle = handle;

    /// <summary>Takes over a descriptor and locks it.</summary>
    public static LinuxFileLock Take(SafeFileHandle handle, string path)
    {
        try
        {
            var file = new LinuxFile(handle, path, alignment: 1);
            if (Libc.Lock(handle, Libc.LockExclusiveNow) != 0)
                throw Refused(file, Marshal.GetLastPInvokeError());
            file.SetLength(0);
            file.Write(0, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n")));
            return new LinuxFileLock(handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static Exception Refused(LinuxFile file, int error)
    {
        if (error != DiskError.WouldBlock)
            return new DiskException("locking", file.Path, error);
        Span<byte> holder = stackalloc byte[20];
        string process = Encoding.ASCII.GetString(holder[..file.Read(0, holder)]).Trim();
        return new StorageException(StorageFailure.Unavailable, $"{file.Path} is locked by process {process}: another server uses this folder.");
    }
}
