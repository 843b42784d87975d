namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>One read of a content on a disk thread. The caller's reference keeps the file open meanwhile.</summary>
internal sealed class SpoolContentRead(SpoolContent content, long offset, Memory<byte> buffer) : DiskOperation<int>
{
    /// <inheritdoc/>
    protected override int Execute() => content.Read(offset, buffer.Span);
}
