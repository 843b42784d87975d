using System.Buffers;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Cloud.Contents;

/// <summary>A content that is an object of its own, of which a part at a time is in memory.</summary>
internal sealed class CloudContent : MessageContent
{
    private const int PartOctets = 256 * 1024;

    private readonly ContentStore _store;
    private Part? _last;

    /// <summary>Names a content that is there; from now on it stays until this is released.</summary>
    public CloudContent(ContentStore store, QueueId id, long length, uint crc, ContentTraits traits)
        : base(id, length, crc, traits)
    {
        _store = store;
        store.Hold(id);
    }

    /// <summary>When it was begun, as a timestamp, as long as no item needs it; null from then on.</summary>
    public long? BegunAt { get; set; }

    /// <summary>True where it is one of that storage.</summary>
    public bool IsOf(ContentStore store) => ReferenceEquals(store, _store);

    /// <inheritdoc/>
    public override bool TryGetMemory(out ReadOnlySequence<byte> bytes)
    {
        bytes = default;
        return false;
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int wanted = (int)Math.Clamp(Length - offset, 0, buffer.Length);
        int done = 0;
        while (done < wanted)
        {
            long at = offset + done;
            Part part = await GetAsync(at / PartOctets, cancellationToken).ConfigureAwait(false);
            int from = (int)(at % PartOctets);
            int count = Math.Min(wanted - done, part.Bytes.Length - from);
            part.Bytes.AsSpan(from, count).CopyTo(buffer.Span[done..]);
            done += count;
        }

        return done;
    }

    /// <inheritdoc/>
    protected override void Free()
    {
        _last = null;
        _store.LetGo(Id);
    }

    private async ValueTask<Part> GetAsync(long number, CancellationToken cancellationToken)
    {
        Part? last = _last;
        if (last is not null && last.Number == number)
            return last;
        byte[] bytes = new byte[Math.Min(PartOctets, Length - (number * PartOctets))];
        await _store.ReadAsync(Id, number * PartOctets, bytes, cancellationToken).ConfigureAwait(false);
        return _last = new Part(number, bytes);
    }

    private sealed record Part(long Number, byte[] Bytes);
}
