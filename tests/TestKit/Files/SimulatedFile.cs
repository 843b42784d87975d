using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.TestKit.Files;

/// <summary>An open file of the simulated disk.</summary>
internal sealed class SimulatedFile : IStoreFile
{
    private const int DirectAlignment = 4096;

    private readonly SimulatedDisk _disk;
    private readonly SimulatedNode _node;
    private readonly bool _writable;
    private readonly int _run;

    /// <summary>Opens a node.</summary>
    public SimulatedFile(SimulatedDisk disk, SimulatedNode node, string path, bool direct, bool writable, int run)
    {
        _disk = disk;
        _node = node;
        _writable = writable;
        _run = run;
        Path = path;
        Alignment = direct ? DirectAlignment : 1;
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public int Alignment { get; }

    /// <inheritdoc/>
    public long Length
    {
        get
        {
            lock (_disk.Gate)
            {
                _disk.ThrowIfEnded(_run);
                return _node.Length;
            }
        }
    }

    /// <inheritdoc/>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        lock (_disk.Gate)
        {
            ThrowIfUnwritable();
            ThrowIfUnaligned(offset, bytes);
            if (!_node.Write(offset, bytes))
                throw new DiskException("writing", Path, DiskError.NoSpace);
        }
    }

    /// <inheritdoc/>
    public void Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        lock (_disk.Gate)
        {
            foreach (ReadOnlyMemory<byte> part in parts)
            {
                Write(offset, part.Span);
                offset += part.Length;
            }
        }
    }

    /// <inheritdoc/>
    public int Read(long offset, Span<byte> buffer)
    {
        lock (_disk.Gate)
        {
            _disk.ThrowIfEnded(_run);
            ThrowIfUnaligned(offset, buffer);
            return _node.Read(offset, buffer);
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
        lock (_disk.Gate)
        {
            _disk.ThrowIfEnded(_run);
            _node.Flush();
        }
    }

    /// <inheritdoc/>
    public void Allocate(long length)
    {
        if (length > Length)
            SetLength(length);
    }

    /// <inheritdoc/>
    public void SetLength(long length)
    {
        lock (_disk.Gate)
        {
            ThrowIfUnwritable();
            if (!_node.SetLength(length))
                throw new DiskException("resizing", Path, DiskError.NoSpace);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held.
    }

    /// <summary>What a failed flush leaves.</summary>
    public void LoseUnflushed()
    {
        lock (_disk.Gate)
            _node.LoseUnflushed(_disk.Random);
    }

    private void ThrowIfUnwritable()
    {
        _disk.ThrowIfEnded(_run);
        _disk.ThrowIfReadOnly(Path);
        if (!_writable)
            throw new DiskException("writing", Path, DiskError.AccessDenied);
    }

    private unsafe void ThrowIfUnaligned(long offset, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            if (offset % Alignment != 0 || bytes.Length % Alignment != 0 || (nuint)start % (nuint)Alignment != 0)
                throw new DiskException("direct I/O", Path, DiskError.Invalid);
        }
    }
}
