namespace SlimtaFast.Storage.Disk.Files;

/// <summary>
/// An open file. Reads and writes at offsets may run at the same time from several threads; disposing may not overlap them.
/// Failures are <see cref="DiskException"/>s.
/// </summary>
internal interface IStoreFile : IDisposable
{
    /// <summary>The path it was opened by; a rename does not change it.</summary>
    string Path { get; }

    /// <summary>
    /// 1 for a buffered file. Otherwise the file is open past the page cache, and offsets, lengths and the memory address of every read
    /// and write must be multiples of this.
    /// </summary>
    int Alignment { get; }

    /// <summary>The present length in octets.</summary>
    long Length { get; }

    /// <summary>Writes all octets at an offset. After a failure any part of them may be written.</summary>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Writes all parts one after another from an offset, in as few system calls as possible.</summary>
    void Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts);

    /// <summary>Reads until the buffer is full or the file ends; returns the octets read.</summary>
    int Read(long offset, Span<byte> buffer);

    /// <summary>
    /// Puts written octets, and a changed length, on stable storage (fdatasync). After a failure nothing that was written since the last
    /// success may be taken as stored, even if a later flush succeeds: the kernel has dropped it.
    /// </summary>
    void Flush();

    /// <summary>Reserves room up to a length without writing, where the file system can. Such extents cost metadata at the first write.</summary>
    void Allocate(long length);

    /// <summary>Cuts or extends the file.</summary>
    void SetLength(long length);
}
