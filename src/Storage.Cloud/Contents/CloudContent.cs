using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Cloud.Contents;

/// <summary>A content that is an object of its own, of which a part at a time is in memory.</summary>
internal sealed class CloudContent : PartwiseContent
{
    /// <summary>Octets that are read at once.</summary>
    public const int PartOctets = 256 * 1024;

    private readonly ContentStore _store;

    /// <summary>Names a content that is there; from now on it stays until this is released.</summary>
    public CloudContent(ContentStore store, QueueId id, long length, uint crc, ContentTraits traits)
        : base(PartOctets, id, length, crc, traits)
    {
        _store = store;
        store.Hold(id);
    }

    /// <summary>When it was begun, as a timestamp, as long as no item needs it; null from then on.</summary>
    public long? BegunAt { get; set; }

    /// <summary>True where it is one of that storage.</summary>
    public bool IsOf(ContentStore store) => ReferenceEquals(store, _store);

    /// <inheritdoc/>
    protected override async ValueTask<ReadOnlyMemory<byte>> ReadPartAsync(long offset, int octets, CancellationToken cancellationToken)
    {
        byte[] part = new byte[octets];
        await _store.ReadAsync(Id, offset, part, cancellationToken).ConfigureAwait(false);
        return part;
    }

    /// <inheritdoc/>
    protected override void Free()
    {
        base.Free();
        _store.LetGo(Id);
    }
}
