using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>
/// Writes a large content to a scratch file as it arrives. Each piece is written by a disk thread straight from the caller's memory while
/// the caller waits: no buffer of its own, however many messages arrive at once, and a slow disk slows the clients down.
/// </summary>
internal sealed class SpoolContentWriter : ContentWriter, IDiskJob
{
    private readonly SpoolFolders _folders;
    private readonly SpoolThreads _threads;
    private readonly QueueId _id;
    private readonly PieceWrite _write;
    private IStoreFile? _file;
    private long _length;
    private uint _crc;
    private bool _handedOver;

    /// <summary>Starts a content; touches the disk with the first octets only, so it may be called anywhere.</summary>
    public SpoolContentWriter(SpoolFolders folders, SpoolThreads threads, QueueId id)
    {
        _folders = folders;
        _threads = threads;
        _id = id;
        _write = new PieceWrite(this);
    }

    /// <inheritdoc/>
    public override long Length => _length;

    /// <inheritdoc/>
    /// <remarks>A write under way is not given up, since it reads the caller's memory.</remarks>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        if (bytes.IsEmpty)
            return ValueTask.CompletedTask;
        _write.Bytes = bytes;
        return _write.StartWithoutResultAsync(_threads.Writers);
    }

    /// <inheritdoc/>
    public override ValueTask<MessageContent> CompleteAsync(ContentTraits traits, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<MessageContent>(cancellationToken);
        return new Completion(this, traits).StartAsync(_threads.Flushers);
    }

    /// <summary>Removes what was written.</summary>
    void IDiskJob.Run()
    {
        if (_file is null)
            return;
        _file.Dispose();
        try
        {
            _folders.Layer.Delete(_file.Path);
        }
        catch (IOException)
        {
            // The next start removes it.
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_handedOver)
            return;
        _handedOver = true;
        _threads.Writers.Post(this);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Open().Write(_length, bytes);
        }
        catch (IOException e)
        {
            throw Failed(e);
        }

        _crc = Crc32C.Append(_crc, bytes);
        _length += bytes.Length;
    }

    private SpoolContent Complete(ContentTraits traits)
    {
        try
        {
            IStoreFile file = Open();
            var content = new SpoolContent(_id, _length, _crc, traits, _folders.Layer, _threads.Readers, file, SpoolContentPlace.Scratch);
            Span<byte> trailer = stackalloc byte[SpoolTrailer.Size];
            SpoolTrailer.For(_id, content, hasContent: true, headLength: 0).Write(trailer);
            file.Write(_length, trailer);
            file.Flush();
            _handedOver = true;
            return content;
        }
        catch (IOException e)
        {
            throw Failed(e);
        }
    }

    private IStoreFile Open() => _file ??= _folders.Layer.Create(_folders.NewScratchPath(_id));

    private StorageException Failed(IOException e) => new(DiskError.Classify(e), $"The content {_id} could not be written: {e.Message}", e);

    private sealed class PieceWrite(SpoolContentWriter writer) : DiskOperation<bool>
    {
        public ReadOnlyMemory<byte> Bytes { get; set; }

        protected override bool Execute()
        {
            writer.Write(Bytes.Span);
            Bytes = default;
            return true;
        }
    }

    private sealed class Completion(SpoolContentWriter writer, ContentTraits traits) : DiskOperation<MessageContent>
    {
        protected override MessageContent Execute() => writer.Complete(traits);
    }
}
