using System.Buffers;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>A content at the start of a spool file, read piece by piece on the disk's threads.</summary>
internal sealed class SpoolContent : MessageContent, IDiskJob
{
    private readonly IFileLayer _layer;
    private readonly DiskWorkers _readers;
    private readonly IStoreFile _file;

    /// <summary>Takes over an open file.</summary>
    public SpoolContent(QueueId id, long length, uint crc, ContentTraits traits, IFileLayer layer, DiskWorkers readers, IStoreFile file, SpoolContentPlace place)
        : base(id, length, crc, traits)
    {
        _layer = layer;
        _readers = readers;
        _file = file;
        Place = place;
    }

    /// <summary>Which file it is in. Changed by <see cref="SpoolFiles.StoreContents"/> under <see cref="Gate"/>.</summary>
    public SpoolContentPlace Place { get; set; }

    /// <summary>Guards <see cref="Place"/>.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The path that the file was opened by.</summary>
    public string OpenedPath => _file.Path;

    /// <inheritdoc/>
    public override bool TryGetMemory(out ReadOnlySequence<byte> bytes)
    {
        bytes = default;
        return false;
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<int>(cancellationToken);
        return new SpoolContentRead(this, offset, buffer).StartAsync(_readers);
    }

    /// <summary>Reads on the calling thread, which must be one that may block; fewer octets than fit only at the end.</summary>
    public int Read(long offset, Span<byte> buffer)
    {
        int wanted = (int)Math.Clamp(Length - offset, 0, buffer.Length);
        int read = _file.Read(offset, buffer[..wanted]);
        return read == wanted ? read : throw new DiskException("reading", _file.Path, DiskError.InputOutput);
    }

    /// <summary>Closes the file, and removes it where it is a scratch file.</summary>
    void IDiskJob.Run()
    {
        _file.Dispose();
        if (Place != SpoolContentPlace.Scratch)
            return;
        try
        {
            _layer.Delete(_file.Path);
        }
        catch (IOException)
        {
            // The next start removes it.
        }
    }

    /// <inheritdoc/>
    protected override void Free() => _readers.Post(this);
}
