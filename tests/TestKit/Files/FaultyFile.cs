using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.TestKit.Files;

/// <summary>A file whose steps can go wrong.</summary>
internal sealed class FaultyFile(FaultyFileLayer layer, IStoreFile inner) : IStoreFile
{
    /// <inheritdoc/>
    public string Path => inner.Path;

    /// <inheritdoc/>
    public int Alignment => inner.Alignment;

    /// <inheritdoc/>
    public long Length => inner.Length;

    /// <inheritdoc/>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        switch (layer.Begin(DiskStepKind.Write, Path))
        {
            case DiskFault.InputOutput:
                throw new DiskException("writing", Path, DiskError.InputOutput);
            case DiskFault.NoSpace:
                throw new DiskException("writing", Path, DiskError.NoSpace);
            case DiskFault.ShortWrite:
                inner.Write(offset, bytes[..Half(bytes.Length)]);
                throw new DiskException("writing", Path, DiskError.NoSpace);
            case DiskFault.CrashWithin:
                inner.Write(offset, bytes[..Half(bytes.Length)]);
                throw layer.CrashNow();
            case DiskFault.CrashAfter:
                inner.Write(offset, bytes);
                throw layer.CrashNow();
            default:
                inner.Write(offset, bytes);
                break;
        }
    }

    /// <inheritdoc/>
    public void Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        // The kernel sees one run of octets, and so does a fault; memory of the same alignment for the inner file's sake.
        using var all = new AlignedBuffer(parts.Sum(part => part.Length), inner.Alignment);
        int at = 0;
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            part.Span.CopyTo(all.Span[at..]);
            at += part.Length;
        }

        Write(offset, all.Span);
    }

    /// <inheritdoc/>
    public int Read(long offset, Span<byte> buffer)
    {
        DiskFault fault = layer.Begin(DiskStepKind.Read, Path);
        int read = inner.Read(offset, buffer);
        return fault switch
        {
            DiskFault.None => read,
            DiskFault.CrashWithin or DiskFault.CrashAfter => throw layer.CrashNow(),
            _ => throw new DiskException("reading", Path, DiskError.InputOutput),
        };
    }

    /// <inheritdoc/>
    public void Flush()
    {
        switch (layer.Begin(DiskStepKind.Flush, Path))
        {
            case DiskFault.None:
                inner.Flush();
                break;
            case DiskFault.CrashWithin:
                throw layer.CrashNow();
            case DiskFault.CrashAfter:
                inner.Flush();
                throw layer.CrashNow();
            case DiskFault.NoSpace or DiskFault.ShortWrite:
                (inner as SimulatedFile)?.LoseUnflushed();
                throw new DiskException("flushing", Path, DiskError.NoSpace);
            default:
                (inner as SimulatedFile)?.LoseUnflushed();
                throw new DiskException("flushing", Path, DiskError.InputOutput);
        }
    }

    /// <inheritdoc/>
    public void Allocate(long length) => layer.Run(DiskStepKind.Allocate, Path, () => inner.Allocate(length));

    /// <inheritdoc/>
    public void SetLength(long length) => layer.Run(DiskStepKind.SetLength, Path, () => inner.SetLength(length));

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();

    private int Half(int length) => length / 2 / inner.Alignment * inner.Alignment;
}
