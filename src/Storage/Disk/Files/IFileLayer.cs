namespace SlimtaFast.Storage.Disk.Files;

/// <summary>
/// Everything that the disk storage does with a disk, so that tests can fail, tear, count or stop it at each step. Synchronous: callers
/// own dedicated threads. Failures are <see cref="DiskException"/>s. Thread-safe; a single file or directory is as thread-safe as it
/// says. What a call changed survives power loss only after the flush that its summary names.
/// </summary>
internal interface IFileLayer
{
    /// <summary>
    /// Makes a file that must not exist yet and opens it for reading and writing. Its name lasts after a flush of the directory.
    /// </summary>
    /// <param name="path">Where.</param>
    /// <param name="direct">Past the page cache where the file system can; see <see cref="IStoreFile.Alignment"/>.</param>
    IStoreFile Create(string path, bool direct = false);

    /// <summary>Opens a file for reading, or for reading and writing; null where there is no such name.</summary>
    IStoreFile? TryOpen(string path, bool writable, bool direct = false);

    /// <summary>Opens a directory in order to flush it.</summary>
    IStoreDirectory OpenDirectory(string path);

    /// <summary>Makes a directory and those above it where missing, each flushed into the one above.</summary>
    void CreateDirectory(string path);

    /// <summary>
    /// Hands every regular file's name of a directory to <paramref name="visit"/>, in the file system's order, without holding the names:
    /// made for a million of them. Names added or removed meanwhile may be seen or not. A missing directory has no files.
    /// </summary>
    void List(string directory, NameVisitor visit);

    /// <summary>True where a file of that name exists.</summary>
    bool Exists(string path);

    /// <summary>
    /// Gives a file another name on the same file system, atomically, replacing what had it. Lasts after a flush of the target directory
    /// and, where the old name must not come back, of the source directory.
    /// </summary>
    void Rename(string from, string to);

    /// <summary>Removes a name; false where it was not there. Lasts after a flush of its directory.</summary>
    bool Delete(string path);

    /// <summary>Free space and names on a directory's file system.</summary>
    DiskSpace GetSpace(string directory);

    /// <summary>True where a file can be renamed from one of the directories to the other, as far as their device tells.</summary>
    bool AreOnOneFileSystem(string first, string second);

    /// <summary>
    /// Makes the file if needed and takes it exclusively until disposed, or until the kernel ends the process. The file stays and holds
    /// the process id. Fails with a message that names the file and the holder.
    /// </summary>
    IDisposable Lock(string path);
}
