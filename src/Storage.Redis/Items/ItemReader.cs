using System.Globalization;
using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Redis.Connections;
using SlimtaFast.Storage.Redis.Pieces;
using StackExchange.Redis;

namespace SlimtaFast.Storage.Redis.Items;

/// <summary>Reads items back. Thread-safe.</summary>
internal sealed class ItemReader
{
    private static readonly RedisValue[] ItemFields = ["envelope", "state", "content", "body"];
    private static readonly RedisValue[] EntryFields = ["timestamp", "attempts", "entry"];

    private readonly RedisConnection _redis;
    private readonly PieceStore _pieces;
    private readonly ILogger _logger;

    /// <summary>Reads by way of a connection.</summary>
    public ItemReader(RedisConnection redis, PieceStore pieces, ILogger logger)
    {
        _redis = redis;
        _pieces = pieces;
        _logger = logger;
    }

    /// <summary>Reads an item, with a reference to its content; null where there is none at that place.</summary>
    /// <exception cref="StorageException">The server cannot be asked, or what it has is damaged.</exception>
    public async ValueTask<QueueItem?> ReadAsync(int place, QueueId id, CancellationToken cancellationToken)
    {
        RedisKey key = _redis.Keys.Item(place, id);
        (RedisValue[] fields, RedisValue body) = await ReadFieldsAsync(place, id, key, cancellationToken).ConfigureAwait(false);

        // Only one that was not there yet when its body was looked for.
        if (!fields[0].IsNull && body.IsNull && fields[2].IsNull)
            (fields, body) = await ReadFieldsAsync(place, id, key, cancellationToken).ConfigureAwait(false);
        if (fields[0].IsNull)
            return null;
        if (!EnvelopeSerializer.TryReadHead(((ReadOnlyMemory<byte>)fields[0]).Span, out EnvelopeHead? head) || head!.Item.Envelope.Id != id)
            throw Damaged(key, "its envelope cannot be read");
        MessageContent content = MakeContent(place, key, head, body, fields[2]);
        QueueItem item = head.WithContent(content);
        if (fields[1].IsNull)
            return item;
        if (EnvelopeSerializer.TryReadState(((ReadOnlyMemory<byte>)fields[1]).Span, out QueueId of, out DeliveryState? state) && of == id && state!.Recipients.Count == item.Envelope.Recipients.Count)
            return item with { State = state };
        content.Release();
        throw Damaged(key, "its state cannot be read");
    }

    // The body first: it goes in one step with the item, so that it was there where the item still is.
    private async ValueTask<(RedisValue[] Fields, RedisValue Body)> ReadFieldsAsync(int place, QueueId id, RedisKey key, CancellationToken cancellationToken)
    {
        return await _redis.AskAsync(id, ReadAsync, cancellationToken).ConfigureAwait(false);

        async Task<(RedisValue[] Fields, RedisValue Body)> ReadAsync(IDatabase database)
        {
            Task<RedisValue> ahead = database.StringGetAsync(_redis.Keys.Body(place, id), CommandFlags.DemandMaster);
            Task<RedisValue[]> item = database.HashGetAsync(key, ItemFields, CommandFlags.DemandMaster);
            await Task.WhenAll(ahead, item).ConfigureAwait(false);
            RedisValue[] fields = await item.ConfigureAwait(false);
            return (fields, fields[3].IsNull ? await ahead.ConfigureAwait(false) : fields[3]);
        }
    }

    /// <summary>What the scheduler must know of some items at one place, without those that are gone.</summary>
    public async ValueTask<List<QueueEntry>> ReadEntriesAsync(int place, IReadOnlyList<QueueId> ids, Dictionary<string, string> domains, CancellationToken cancellationToken)
    {
        var asked = new Task<RedisValue[]>[ids.Count];
        for (int i = 0; i < asked.Length; i++)
            asked[i] = _redis.Database.HashGetAsync(_redis.Keys.Item(place, ids[i]), EntryFields, CommandFlags.DemandMaster);
        RedisValue[][] answers = await _redis.AskAsync(_ => Task.WhenAll(asked), cancellationToken).ConfigureAwait(false);
        var entries = new List<QueueEntry>(ids.Count);
        for (int i = 0; i < answers.Length; i++)
        {
            RedisValue[] fields = answers[i];
            if (!fields[2].IsNull)
                entries.Add(ItemText.ParseEntry(ids[i], fields[0], fields[1], fields[2], domains));
        }

        return entries;
    }

    private MessageContent MakeContent(int place, RedisKey key, EnvelopeHead head, RedisValue body, RedisValue content)
    {
        if (!content.IsNull)
            return new RedisContent(_pieces, place, head.ContentId, head.ContentLength, head.ContentCrc, head.ContentTraits);
        var bytes = (ReadOnlyMemory<byte>)body;
        if (bytes.Length != head.ContentLength || Crc32C.Compute(bytes.Span) != head.ContentCrc)
            throw Damaged(key, string.Create(CultureInfo.InvariantCulture, $"its content has {bytes.Length} octets that are not the {head.ContentLength} of its envelope"));
        return new InlineContent(head.ContentId, head.ContentCrc, head.ContentTraits, bytes);
    }

    private StorageException Damaged(RedisKey key, string what)
    {
        RedisLog.Damaged(_logger, key.ToString(), what);
        return new StorageException(StorageFailure.Unavailable, $"The item {key} is damaged: {what}.", new InvalidDataException(what));
    }
}
