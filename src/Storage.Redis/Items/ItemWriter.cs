using System.Buffers;
using System.Globalization;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Redis.Connections;
using SlimtaFast.Storage.Redis.Pieces;
using StackExchange.Redis;

namespace SlimtaFast.Storage.Redis.Items;

/// <summary>Makes items into arguments of a script, their large contents written beforehand. Holds on to the contents until it is disposed.</summary>
internal sealed class ItemWriter : IDisposable
{
    /// <summary>How many arguments an item has.</summary>
    public const int Fields = 9;

    // Beyond it a content is written in pieces; as is a smaller one that several items share, but for those too small to be worth it.
    private const int MostInline = PieceStore.PieceOctets;
    private const int MostCopied = 2 * 1024;
    private const int BodyAt = 6;
    private const int PiecesAt = 8;

    // The shared pool keeps too few: a group's copies come back all at once.
    private static readonly ArrayPool<byte> Copies = ArrayPool<byte>.Create(MostInline, maxArraysPerBucket: 256);

    private readonly PieceStore _pieces;
    private readonly IReadOnlyList<QueueItem> _items;
    private readonly int _place;
    private readonly List<byte[]> _bodies;
    private HashSet<QueueId>? _named;

    private ItemWriter(PieceStore pieces, IReadOnlyList<QueueItem> items, int place)
    {
        _pieces = pieces;
        _items = items;
        _place = place;
        _bodies = new List<byte[]>(items.Count);
    }

    /// <summary>True for one item that brings its content along.</summary>
    public bool IsOneInline => _items.Count == 1 && IsInline(_items[0].Envelope.Content);

    /// <summary>Takes hold of the items' contents.</summary>
    /// <exception cref="ObjectDisposedException">One is freed already.</exception>
    public static ItemWriter Begin(PieceStore pieces, IReadOnlyList<QueueItem> items, int place)
    {
        int retained = 0;
        try
        {
            for (; retained < items.Count; retained++)
                items[retained].Envelope.Content.Retain();
        }
        catch (ObjectDisposedException)
        {
            while (--retained >= 0)
                items[retained].Envelope.Content.Release();
            throw;
        }

        return new ItemWriter(pieces, items, place);
    }

    /// <summary>The place where the items should be: that of a large content that is there already.</summary>
    public static int PlaceOf(PieceStore pieces, RedisKeys keys, IReadOnlyList<QueueItem> items)
    {
        foreach (QueueItem item in items)
        {
            if (item.Envelope.Content is RedisContent known && known.IsOf(pieces))
                return known.Place;
        }

        return keys.HomeOf(items[0].Envelope.Id);
    }

    /// <summary>The arguments: <paramref name="head"/>, then nine for each item.</summary>
    public async ValueTask<RedisValue[]> MakeAsync(RedisValue[] head, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var values = new RedisValue[head.Length + (_items.Count * Fields)];
        head.CopyTo(values, 0);
        for (int i = 0; i < _items.Count; i++)
        {
            QueueItem item = _items[i];
            Envelope envelope = item.Envelope;
            bool isInline = IsInline(envelope.Content);
            int at = head.Length + (i * Fields);
            values[at] = envelope.Id.ToString();
            values[at + 1] = WriteHead(item);
            values[at + 2] = ItemText.FormatTimestamp(item.State.DueAt);
            values[at + 3] = item.State.Attempts.ToString(CultureInfo.InvariantCulture);
            values[at + 4] = ItemText.FormatEntry(item);
            values[at + 5] = DueScore(item.State.DueAt, now);
            values[at + BodyAt] = isInline ? await ReadAsync(envelope.Content, cancellationToken).ConfigureAwait(false) : "";
            values[at + 7] = isInline ? "" : envelope.Content.Id.ToString();
            values[at + PiecesAt] = isInline ? 0 : PieceStore.CountOf(envelope.Content.Length);
        }

        await CopyContentsAsync(cancellationToken).ConfigureAwait(false);
        return values;
    }

    /// <summary>
    /// Takes the content out of an item's arguments, which then say how long the one is that has to be there already; false where it has none, or
    /// one of less than <paramref name="least"/> octets.
    /// </summary>
    public static bool TryTakeBody(Span<RedisValue> item, int least, out RedisValue body)
    {
        body = item[BodyAt];
        long octets = body.Length();
        if (octets < least)
            return false;
        item[BodyAt] = "";
        item[PiecesAt] = octets;
        return true;
    }

    /// <summary>Notes that the items are stored, or may be.</summary>
    public void Stored()
    {
        foreach (QueueId content in _named ?? [])
            _pieces.Named(content);
    }

    /// <summary>
    /// Notes that the server has answered, so that nobody reads the contents' copies any more. After a failure the connection may still be at them: then they
    /// are the garbage collector's.
    /// </summary>
    public void Answered()
    {
        foreach (byte[] body in _bodies)
            Copies.Return(body);
        _bodies.Clear();
    }

    /// <summary>When an item may be claimed: milliseconds since 1970, or nothing for at once, so that clocks need not agree.</summary>
    public static RedisValue DueScore(DateTimeOffset due, DateTimeOffset now) =>
        due <= now ? "" : due.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (QueueItem item in _items)
            item.Envelope.Content.Release();
    }

    private static ReadOnlyMemory<byte> WriteHead(QueueItem item)
    {
        var buffer = new ArrayBufferWriter<byte>((int)Math.Min(EnvelopeSerializer.GetHeadBound(item), 1024 * 1024));
        EnvelopeSerializer.WriteHead(buffer, item);
        return buffer.WrittenMemory;
    }

    private async ValueTask<RedisValue> ReadAsync(MessageContent content, CancellationToken cancellationToken)
    {
        byte[] body = Copies.Rent((int)content.Length);
        _bodies.Add(body);
        Memory<byte> bytes = body.AsMemory(0, (int)content.Length);
        if (content.TryGetMemory(out ReadOnlySequence<byte> sequence))
            sequence.CopyTo(bytes.Span);
        else if (await content.FillAsync(bytes, cancellationToken).ConfigureAwait(false) < bytes.Length)
            throw new EndOfStreamException($"The content {content.Id} ends before its time.");
        return (ReadOnlyMemory<byte>)bytes;
    }

    private bool IsInline(MessageContent content)
    {
        if (content.Length > MostInline || (content is RedisContent known && known.IsOf(_pieces) && known.Place == _place))
            return false;
        if (_items.Count == 1 || content.Length <= MostCopied)
            return true;
        int uses = 0;
        foreach (QueueItem item in _items)
            uses += item.Envelope.Content.Id == content.Id ? 1 : 0;
        return uses == 1;
    }

    private async ValueTask CopyContentsAsync(CancellationToken cancellationToken)
    {
        foreach (QueueItem item in _items)
        {
            MessageContent content = item.Envelope.Content;
            if (IsInline(content) || !(_named ??= []).Add(content.Id))
                continue;
            if (content is not RedisContent known || !known.IsOf(_pieces) || known.Place != _place)
                await _pieces.CopyAsync(_place, content, cancellationToken).ConfigureAwait(false);
        }
    }
}
