using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SlimtaFast.Storage.Disk.Files.Linux;

/// <summary>The disk of a 64-bit Linux system, through checked calls of the C library.</summary>
internal sealed class LinuxFileLayer : IFileLayer
{
    // Mail is nobody else's business.
    private const int FileMode = 0x180; // rw-------
    private const int DirectoryMode = 0x1C0; // rwx------
    private const int DirectAlignment = 4096;
    private const int NotADirectory = 20;
    private const int CurrentDirectory = -100;
    private const uint DirectAlignmentMask = 0x2000;

    /// <inheritdoc/>
    public IStoreFile Create(string path, bool direct = false)
    {
        SafeFileHandle handle = Open(path, Libc.ReadWrite | Libc.CreateFlag | Libc.ExclusiveFlag);
        return new LinuxFile(Check(handle, "creating", path), path, direct ? GoDirect(handle, path) : 1);
    }

    /// <inheritdoc/>
    public IStoreFile? TryOpen(string path, bool writable, bool direct = false)
    {
        SafeFileHandle handle = Open(path, writable ? Libc.ReadWrite : Libc.ReadOnly);
        if (handle.IsInvalid && Marshal.GetLastPInvokeError() is DiskError.NoEntry or NotADirectory)
            return null;
        return new LinuxFile(Check(handle, "opening", path), path, direct ? GoDirect(handle, path) : 1);
    }

    /// <inheritdoc/>
    public IStoreDirectory OpenDirectory(string path) =>
        new LinuxDirectory(Check(Open(path, Libc.ReadOnly | Libc.DirectoryFlag), "opening", path), path);

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string? parent = Path.GetDirectoryName(path);
        if (parent is null)
            return;
        bool isNew = !Exists(path);
        if (isNew)
            CreateDirectory(parent);
        if (Libc.MakeDirectory(path, DirectoryMode) != 0 && Marshal.GetLastPInvokeError() != DiskError.Exists)
            throw Failed("creating", path);

        // Also where it was there: a process that made it may have died before it flushed the name.
        SafeFileHandle handle = Open(parent, Libc.ReadOnly | Libc.DirectoryFlag);
        if (!isNew && handle.IsInvalid && Marshal.GetLastPInvokeError() == DiskError.AccessDenied)
            return;
        using var above = new LinuxDirectory(Check(handle, "opening", parent), parent);
        above.Flush();
    }

    /// <inheritdoc/>
    public void List(string directory, NameVisitor visit) => DirectoryListing.Visit(directory, visit);

    /// <inheritdoc/>
    public bool Exists(string path)
    {
        if (Libc.Access(path, 0) == 0)
            return true;
        return Marshal.GetLastPInvokeError() is DiskError.NoEntry or NotADirectory ? false : throw Failed("looking up", path);
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        if (Libc.Rename(from, to) != 0)
            throw Failed("renaming", $"{from} to {to}");
    }

    /// <inheritdoc/>
    public bool Delete(string path)
    {
        if (Libc.Unlink(path) == 0)
            return true;
        return Marshal.GetLastPInvokeError() == DiskError.NoEntry ? false : throw Failed("deleting", path);
    }

    /// <inheritdoc/>
    public DiskSpace GetSpace(string directory)
    {
        if (Libc.GetSpace(directory, out FileSystemFigures figures) != 0)
            throw Failed("measuring", directory);
        return new DiskSpace(
            (long)(figures.AvailableBlocks * figures.FragmentSize),
            (long)(figures.Blocks * figures.FragmentSize),
            figures.Files == 0 ? long.MaxValue : (long)figures.AvailableFiles);
    }

    /// <inheritdoc/>
    public bool AreOnOneFileSystem(string first, string second)
    {
        FileFigures one = GetFigures(first, 0), other = GetFigures(second, 0);
        return one.DeviceMajor == other.DeviceMajor && one.DeviceMinor == other.DeviceMinor;
    }

    /// <inheritdoc/>
    public IDisposable Lock(string path) =>
        LinuxFileLock.Take(Check(Open(path, Libc.ReadWrite | Libc.CreateFlag), "opening", path), path);

    // Asks for direct I/O after opening, since an open that is refused it may have made the file already.
    private static int GoDirect(SafeFileHandle handle, string path)
    {
        if (Libc.Control(handle, Libc.SetStatusFlags, Libc.DirectFlag) != 0)
            return 1;
        FileFigures figures = GetFigures(path, DirectAlignmentMask);
        return (int)Math.Max(DirectAlignment, Math.Max(figures.DirectMemoryAlignment, figures.DirectOffsetAlignment));
    }

    private static FileFigures GetFigures(string path, uint mask) =>
        Libc.GetFigures(CurrentDirectory, path, 0, mask, out FileFigures figures) == 0 ? figures : throw Failed("looking at", path);

    private static SafeFileHandle Open(string path, int flags)
    {
        int descriptor;
        do
        {
            descriptor = Libc.Open(path, flags | Libc.CloseOnExec, FileMode);
        }
        while (descriptor < 0 && Marshal.GetLastPInvokeError() == DiskError.Interrupted);
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private static SafeFileHandle Check(SafeFileHandle handle, string operation, string path) =>
        handle.IsInvalid ? throw Failed(operation, path) : handle;

    private static DiskException Failed(string operation, string path) => new(operation, path, Marshal.GetLastPInvokeError());
}
