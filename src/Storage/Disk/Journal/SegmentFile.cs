using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>
/// A file of the journal, used again and again: open twice, past the page cache for writing and through it for reading. Disposed by
/// whoever holds it last.
/// </summary>
internal sealed class SegmentFile : IDisposable
{
    /// <summary>Takes over both handles.</summary>
    public SegmentFile(string path, IStoreFile writer, IStoreFile reader, long length)
    {
        Path = path;
        Writer = writer;
        Reader = reader;
        Length = length;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>For whole pages.</summary>
    public IStoreFile Writer { get; }

    /// <summary>For any octets.</summary>
    public IStoreFile Reader { get; }

    /// <summary>Octets of the file, which never change.</summary>
    public long Length { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Writer.Dispose();
        Reader.Dispose();
    }
}
