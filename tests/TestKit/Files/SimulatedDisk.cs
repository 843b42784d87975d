using System.Globalization;
using SlimtaFast.Storage;
using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.TestKit.Files;

/// <summary>
/// A file system in memory that keeps apart what programs see and what a power cut leaves. Octets last from a flush of their file on,
/// also those written past the page cache (drives have caches); made, changed and removed names from a flush of their directory on.
/// <see cref="PowerCut"/> keeps a random choice of the rest, by sectors of 512 octets and by single names, in any order, which is more
/// than a journaling file system would do to us. A rename is one change, as on every file system that keeps a journal: cut in the middle
/// of it, a file has its old name or its new one. Thread-safe.
/// </summary>
internal sealed class SimulatedDisk : IFileLayer
{
    private readonly Dictionary<string, SimulatedDirectory> _directories = new(StringComparer.Ordinal) { ["/"] = new() };
    private readonly HashSet<string> _locks = new(StringComparer.Ordinal);
    private int _runs;

    /// <summary>The lock around everything.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Octets of all files together that the disk holds; a write beyond fails with ENOSPC.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    /// <summary>While true, changes fail with EROFS.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>Chooses what a failed flush loses; deterministic by default.</summary>
    public Random Random { get; set; } = new(1);

    /// <summary>Octets of all files that have a name.</summary>
    public long UsedBytes
    {
        get
        {
            lock (Gate)
                return _directories.Values.SelectMany(directory => directory.Current.Values).Distinct().Sum(node => (long)node.Length);
        }
    }

    /// <summary>
    /// The power goes: of everything unflushed a random part remains. Open files, directories and locks are gone; the disk can be used
    /// again at once.
    /// </summary>
    public void PowerCut(int seed)
    {
        lock (Gate)
        {
            var random = new Random(seed);
            // Whole percentages at the ends, so that "nothing more was kept" and "all was kept" come up often.
            double names = Chance(random), octets = Chance(random);
            foreach (SimulatedRename rename in _directories.Values.SelectMany(directory => directory.Pending).Distinct().OrderBy(r => r.Order).ToList())
            {
                if (random.NextDouble() < names)
                    rename.Apply();
            }

            foreach (SimulatedDirectory directory in _directories.Values)
                directory.Restart();
            foreach (SimulatedNode node in _directories.Values.SelectMany(directory => directory.Current.OrderBy(e => e.Key, StringComparer.Ordinal)).Select(e => e.Value).Distinct())
                node.PowerCut(random, octets);
            EndProcess();
        }
    }

    /// <summary>The process ends without the system: open files and locks are gone, everything written is still there.</summary>
    public void EndProcess()
    {
        lock (Gate)
        {
            _locks.Clear();
            _runs++;
        }
    }

    /// <summary>The files of a folder whose names end in a certain way.</summary>
    public IReadOnlyList<string> Files(string directory, string suffix)
    {
        var found = new List<string>();
        List(directory, name =>
        {
            if (name.EndsWith(suffix, StringComparison.Ordinal))
                found.Add(Path.Combine(directory, name.ToString()));
        });
        return found;
    }

    /// <summary>How many files of a folder end in a certain way.</summary>
    public int CountFiles(string directory, string suffix) => Files(directory, suffix).Count;

    /// <summary>All octets of a file.</summary>
    public byte[] ReadAll(string path)
    {
        using IStoreFile file = TryOpen(path, writable: false) ?? throw new DiskException("opening", path, DiskError.NoEntry);
        byte[] bytes = new byte[file.Length];
        file.Read(0, bytes);
        return bytes;
    }

    /// <summary>Turns a bit of a file over, on the medium.</summary>
    public void Flip(string path, long offset)
    {
        using IStoreFile file = TryOpen(path, writable: true) ?? throw new DiskException("opening", path, DiskError.NoEntry);
        byte[] one = new byte[1];
        file.Read(offset, one);
        one[0] ^= 4;
        file.Write(offset, one);
        file.Flush();
    }

    /// <inheritdoc/>
    public IStoreFile Create(string path, bool direct = false)
    {
        lock (Gate)
        {
            ThrowIfReadOnly(path);
            (SimulatedDirectory directory, string name) = Locate("creating", path);
            if (directory.Current.ContainsKey(name))
                throw new DiskException("creating", path, DiskError.Exists);
            var node = new SimulatedNode(this);
            SimulatedRename.Link(directory, name, node);
            return new SimulatedFile(this, node, path, direct, writable: true, _runs);
        }
    }

    /// <inheritdoc/>
    public IStoreFile? TryOpen(string path, bool writable, bool direct = false)
    {
        lock (Gate)
        {
            return Find(path) is { } node ? new SimulatedFile(this, node, path, direct, writable, _runs) : null;
        }
    }

    /// <inheritdoc/>
    public IStoreDirectory OpenDirectory(string path)
    {
        lock (Gate)
        {
            return _directories.TryGetValue(Normalize(path), out SimulatedDirectory? directory)
                ? new SimulatedDirectoryHandle(this, directory, path, _runs)
                : throw new DiskException("opening", path, DiskError.NoEntry);
        }
    }

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
        lock (Gate)
        {
            for (string? at = Normalize(path); at is not null; at = Path.GetDirectoryName(at))
                _directories.TryAdd(at, new SimulatedDirectory());
        }
    }

    /// <inheritdoc/>
    public void List(string directory, NameVisitor visit)
    {
        string[] names;
        lock (Gate)
            names = _directories.TryGetValue(Normalize(directory), out SimulatedDirectory? found) ? [.. found.Current.Keys] : [];
        foreach (string name in names)
            visit(name);
    }

    /// <inheritdoc/>
    public bool Exists(string path)
    {
        lock (Gate)
            return Find(path) is not null;
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        lock (Gate)
        {
            ThrowIfReadOnly(from);
            (SimulatedDirectory source, string name) = Locate("renaming", from);
            (SimulatedDirectory target, string newName) = Locate("renaming", to);
            if (!source.Current.TryGetValue(name, out SimulatedNode? node))
                throw new DiskException("renaming", from, DiskError.NoEntry);
            SimulatedRename.Move(source, name, target, newName, node);
        }
    }

    /// <inheritdoc/>
    public bool Delete(string path)
    {
        lock (Gate)
        {
            ThrowIfReadOnly(path);
            (SimulatedDirectory directory, string name) = Locate("deleting", path);
            if (!directory.Current.TryGetValue(name, out SimulatedNode? node))
                return false;
            SimulatedRename.Unlink(directory, name, node);
            return true;
        }
    }

    /// <inheritdoc/>
    public DiskSpace GetSpace(string directory)
    {
        long total = Math.Min(Capacity, 1L << 40);
        return new DiskSpace(Math.Max(0, total - UsedBytes), total, long.MaxValue);
    }

    /// <inheritdoc/>
    public bool AreOnOneFileSystem(string first, string second) => true;

    /// <inheritdoc/>
    public IDisposable Lock(string path)
    {
        lock (Gate)
        {
            if (!_locks.Add(Normalize(path)))
            {
                throw new StorageException(
                    StorageFailure.Unavailable,
                    string.Create(CultureInfo.InvariantCulture, $"{path} is locked by process {Environment.ProcessId}: another server uses this folder."));
            }

            return new SimulatedLock(this, path, _runs);
        }
    }

    /// <summary>Lets a lock go, unless its process has ended since.</summary>
    internal void Unlock(string path, int run)
    {
        lock (Gate)
        {
            if (run == _runs)
                _locks.Remove(Normalize(path));
        }
    }

    /// <summary>Fails where the handle's process has ended.</summary>
    internal void ThrowIfEnded(int run)
    {
        if (run != _runs)
            throw new CrashException();
    }

    /// <summary>Fails where the disk takes no changes.</summary>
    internal void ThrowIfReadOnly(string path)
    {
        if (IsReadOnly)
            throw new DiskException("changing", path, DiskError.ReadOnly);
    }

    private static double Chance(Random random) => random.Next(4) switch
    {
        0 => 0,
        1 => 1,
        _ => random.NextDouble(),
    };

    private static string Normalize(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    private SimulatedNode? Find(string path)
    {
        string full = Normalize(path);
        return _directories.TryGetValue(Path.GetDirectoryName(full) ?? "/", out SimulatedDirectory? directory)
            ? directory.Current.GetValueOrDefault(Path.GetFileName(full))
            : null;
    }

    private (SimulatedDirectory Directory, string Name) Locate(string operation, string path)
    {
        string full = Normalize(path);
        return _directories.TryGetValue(Path.GetDirectoryName(full) ?? "/", out SimulatedDirectory? directory)
            ? (directory, Path.GetFileName(full))
            : throw new DiskException(operation, path, DiskError.NoEntry);
    }
}
