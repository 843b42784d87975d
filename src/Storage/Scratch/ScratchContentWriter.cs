using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.Storage.Scratch;

/// <summary>Writes a content to a file of no name, opened with the first octets. Nothing is flushed: nothing has to outlive the process.</summary>
internal sealed class ScratchContentWriter(string directory, QueueId id) : ContentWriter
{
    private FileStream? _file;
    private long _length;
    private uint _crc;

    /// <inheritdoc/>
    public override long Length => _length;

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            _file ??= Open();
            await RandomAccess.WriteAsync(_file.SafeFileHandle, bytes, _length, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException trouble)
        {
            throw Failed(trouble);
        }
        catch (UnauthorizedAccessException trouble)
        {
            throw Failed(trouble);
        }

        _crc = Crc32C.Append(_crc, bytes.Span);
        _length += bytes.Length;
    }

    /// <inheritdoc/>
    public override ValueTask<MessageContent> CompleteAsync(ContentTraits traits, CancellationToken cancellationToken)
    {
        try
        {
            var content = new ScratchContent(id, _length, _crc, traits, _file ?? Open());
            _file = null;
            return ValueTask.FromResult<MessageContent>(content);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            return ValueTask.FromException<MessageContent>(Failed(trouble));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _file?.Dispose();
        _file = null;
    }

    private FileStream Open()
    {
        string path = Path.Combine(directory, $"{id}-{Path.GetRandomFileName()}.scratch");

        // Where an open file cannot lose its name, the system removes it when it is closed.
        if (OperatingSystem.IsWindows())
            return new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, bufferSize: 0, FileOptions.DeleteOnClose);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        var file = new FileStream(path, options);
        try
        {
            File.Delete(path);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private StorageException Failed(Exception trouble) =>
        new(trouble is IOException io ? DiskError.Classify(io) : StorageFailure.Unavailable, $"The content {id} could not be kept in {directory}: {trouble.Message}", trouble);
}
