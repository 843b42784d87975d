using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SlimtaFast.Storage.Disk.Files.Linux;

/// <summary>A directory by its descriptor, which the runtime cannot open.</summary>
internal sealed class LinuxDirectory : IStoreDirectory
{
    private readonly SafeFileHandle _handle;

    /// <summary>Takes over an open descriptor.</summary>
    public LinuxDirectory(SafeFileHandle handle, string path)
    {
        _handle = handle;
        Path = path;
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public void Flush()
    {
        while (Libc.Flush(_handle) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != DiskError.Interrupted)
                throw new DiskException("flushing", Path, error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
