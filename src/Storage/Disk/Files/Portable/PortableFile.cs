using Microsoft.Win32.SafeHandles;

namespace SlimtaFast.Storage.Disk.Files.Portable;

/// <summary>A file through the runtime's own calls.</summary>
internal sealed class PortableFile : IStoreFile
{
    private readonly SafeFileHandle _handle;

    /// <summary>Takes over an open handle.</summary>
    public PortableFile(SafeFileHandle handle, string path)
    {
        _handle = handle;
        Path = path;
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public int Alignment => 1;

    /// <inheritdoc/>
    public long Length => RuntimeError.Mapped("measuring", Path, () => RandomAccess.GetLength(_handle));

    /// <inheritdoc/>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_handle, bytes, offset);
        }
        catch (Exception e) when (RuntimeError.IsMapped(e))
        {
            throw RuntimeError.Map("writing", Path, e);
        }
    }

    /// <inheritdoc/>
    public void Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts) =>
        RuntimeError.Mapped("writing", Path, () => RandomAccess.Write(_handle, parts, offset));

    /// <inheritdoc/>
    public int Read(long offset, Span<byte> buffer)
    {
        try
        {
            int done = 0, read;
            while (done < buffer.Length && (read = RandomAccess.Read(_handle, buffer[done..], offset + done)) > 0)
                done += read;
            return done;
        }
        catch (Exception e) when (RuntimeError.IsMapped(e))
        {
            throw RuntimeError.Map("reading", Path, e);
        }
    }

    /// <inheritdoc/>
    public void Flush() => RuntimeError.Mapped("flushing", Path, () => RandomAccess.FlushToDisk(_handle));

    /// <inheritdoc/>
    public void Allocate(long length)
    {
        // The runtime offers it at creation only; it is an optimisation.
    }

    /// <inheritdoc/>
    public void SetLength(long length) => RuntimeError.Mapped("resizing", Path, () => RandomAccess.SetLength(_handle, length));

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
