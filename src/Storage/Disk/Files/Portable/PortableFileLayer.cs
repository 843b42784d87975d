using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SlimtaFast.Storage.Disk.Files.Portable;

/// <summary>
/// The disk through the runtime alone, for systems other than 64-bit Linux: good for trying things out. Its flush is the runtime's, which
/// was seen to hide failures, and it cannot flush a directory; servers should run on Linux.
/// </summary>
internal sealed class PortableFileLayer : IFileLayer
{
    /// <inheritdoc/>
    public IStoreFile Create(string path, bool direct = false) => RuntimeError.Mapped("creating", path, () =>
    {
        if (File.Exists(path))
            throw new DiskException("creating", path, DiskError.Exists);
        return new PortableFile(Open(path, FileMode.CreateNew, FileAccess.ReadWrite), path);
    });

    /// <inheritdoc/>
    public IStoreFile? TryOpen(string path, bool writable, bool direct = false) => RuntimeError.Mapped("opening", path, () =>
        File.Exists(path) ? new PortableFile(Open(path, FileMode.Open, writable ? FileAccess.ReadWrite : FileAccess.Read), path) : null);

    /// <inheritdoc/>
    public IStoreDirectory OpenDirectory(string path) => new PortableDirectory(path);

    /// <inheritdoc/>
    public void CreateDirectory(string path) => RuntimeError.Mapped("creating", path, () => Directory.CreateDirectory(path));

    /// <inheritdoc/>
    public void List(string directory, NameVisitor visit) => DirectoryListing.Visit(directory, visit);

    /// <inheritdoc/>
    public bool Exists(string path) => File.Exists(path);

    /// <inheritdoc/>
    public void Rename(string from, string to) => RuntimeError.Mapped("renaming", from, () => File.Move(from, to, overwrite: true));

    /// <inheritdoc/>
    public bool Delete(string path) => RuntimeError.Mapped("deleting", path, () =>
    {
        bool wasThere = File.Exists(path);
        File.Delete(path);
        return wasThere;
    });

    /// <inheritdoc/>
    public DiskSpace GetSpace(string directory) => RuntimeError.Mapped("measuring", directory, () =>
    {
        var drive = new DriveInfo(Path.GetFullPath(directory));
        return new DiskSpace(drive.AvailableFreeSpace, drive.TotalSize, long.MaxValue);
    });

    /// <inheritdoc/>
    public bool AreOnOneFileSystem(string first, string second) =>
        string.Equals(Path.GetPathRoot(Path.GetFullPath(first)), Path.GetPathRoot(Path.GetFullPath(second)), StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public IDisposable Lock(string path)
    {
        try
        {
            // Its runtime lets nobody else read the holder's number either, so the message does without.
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.SetLength(0);
            file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n")));
            file.Flush();
            return file;
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new StorageException(StorageFailure.Unavailable, $"{path} is locked by a process: another server uses this folder.", e);
        }
        catch (Exception e) when (RuntimeError.IsMapped(e))
        {
            throw RuntimeError.Map("locking", path, e);
        }
    }

    private static SafeFileHandle Open(string path, FileMode mode, FileAccess access) =>
        File.OpenHandle(path, mode, access, FileShare.ReadWrite | FileShare.Delete);
}
