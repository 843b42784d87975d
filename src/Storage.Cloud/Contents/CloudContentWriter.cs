using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Cloud.Contents;

/// <summary>Sends a content on while it comes.</summary>
internal sealed class CloudContentWriter : ContentWriter
{
    private readonly ContentStore _store;
    private readonly QueueId _id;
    private readonly long _begunAt;
    private ObjectUpload? _upload;
    private long _length;
    private uint _crc;

    /// <summary>Begins a content.</summary>
    public CloudContentWriter(ContentStore store, QueueId id, TimeProvider time)
    {
        _store = store;
        _id = id;
        _begunAt = time.GetTimestamp();
        _upload = store.Begin(id);
    }

    /// <inheritdoc/>
    public override long Length => _length;

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _crc = Crc32C.Append(_crc, bytes.Span);
        _length += bytes.Length;
        return _upload!.WriteAsync(bytes, cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask<MessageContent> CompleteAsync(ContentTraits traits, CancellationToken cancellationToken)
    {
        await _upload!.CompleteAsync(cancellationToken).ConfigureAwait(false);
        ObjectUpload done = _upload;
        _upload = null;
        var content = new CloudContent(_store, _id, _length, _crc, traits) { BegunAt = _begunAt };
        _store.Unneeded(_id);
        await done.DisposeAsync().ConfigureAwait(false);
        return content;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _upload, null) is { } given)
            _store.GiveUp(_id, given);
    }
}
