using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Redis.Connections;
using SlimtaFast.Storage.Redis.Pieces;
using StackExchange.Redis;

namespace SlimtaFast.Storage.Redis;

/// <summary>
/// Keeps contents of items that wait elsewhere in Redis: a hash <c>PREFIXkept:ITEM</c> with pieces of 64 KiB and, once all are there, their length; and a sorted
/// set <c>PREFIXkept</c> of all names by age. Whoever writes names the content in the set first, and whoever removes it takes the name out last, so that a crash
/// leaves nothing that <see cref="SweepAsync"/> does not find. Thread-safe.
/// </summary>
public sealed class RedisContents : IContentStore, IAsyncDisposable
{
    private const string LengthField = "length";
    private const int SweptAtOnce = 100;

    private readonly RedisStorageOptions _options;
    private readonly ILogger _logger;
    private readonly RedisConnection _redis;
    private readonly string _prefix;

    /// <summary>Makes a store that <see cref="StartAsync"/> connects.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="logger">Told of lost connections and of servers that would lose contents; null for nowhere.</param>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public RedisContents(RedisStorageOptions options, ILogger<RedisContents>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _logger = logger ?? NullLogger<RedisContents>.Instance;
        // Large contents are few, and the pieces of one follow each other.
        _redis = new RedisConnection(options with { Lanes = 1 }, _logger);
        _prefix = options.Prefix + "kept";
    }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _redis.OpenAsync(cancellationToken).ConfigureAwait(false);
        await DurabilityCheck.RunAsync(_redis, _options.Replicas, _logger).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask KeepAsync(QueueId item, MessageContent content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        content.Retain();
        try
        {
            RedisLane lane = _redis.OpenLaneOf(item);
            long turns = lane.Turns;
            await _redis.AskAsync(database => database.SortedSetAddAsync(_prefix, item.ToString(), item.CreatedAt.ToUnixTimeMilliseconds()), cancellationToken).ConfigureAwait(false);
            RedisKey key = KeyOf(item);
            int number = 0;
            for (long at = 0; at < content.Length; at += PieceStore.PieceOctets, number++)
            {
                // Never from a pool: after a failure the connection may still be reading it.
                byte[] piece = new byte[Math.Min(PieceStore.PieceOctets, content.Length - at)];
                if (await FillAsync(content, at, piece, cancellationToken).ConfigureAwait(false) < piece.Length)
                    throw new EndOfStreamException($"The content {content.Id} ends before its time.");
                int field = number;
                await _redis.AskAsync(database => database.HashSetAsync(key, field, piece), cancellationToken).ConfigureAwait(false);
            }

            await _redis.AskAsync(database => database.HashSetAsync(key, LengthField, content.Length), cancellationToken).ConfigureAwait(false);
            await lane.WaitForReplicasAsync(turns, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException trouble)
        {
            throw new StorageException(StorageFailure.Unavailable, $"A content could not be read: {trouble.Message}", trouble);
        }
        finally
        {
            content.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<MessageContent?> OpenAsync(EnvelopeHead head, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(head);
        RedisKey key = KeyOf(head.Item.Envelope.Id);
        RedisValue length = await _redis.AskAsync(database => database.HashGetAsync(key, LengthField, CommandFlags.DemandMaster), cancellationToken).ConfigureAwait(false);
        return length.TryParse(out long known) && known == head.ContentLength ? new KeptPieces(_redis, key, head) : null;
    }

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(QueueId item, CancellationToken cancellationToken)
    {
        await _redis.AskAsync(database => database.KeyDeleteAsync(KeyOf(item)), cancellationToken).ConfigureAwait(false);
        await _redis.AskAsync(database => database.SortedSetRemoveAsync(_prefix, item.ToString()), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<int> SweepAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        int count = 0;
        while (true)
        {
            RedisValue[] old = await _redis.AskAsync(
                database => database.SortedSetRangeByScoreAsync(_prefix, stop: before.ToUnixTimeMilliseconds(), exclude: Exclude.Stop, take: SweptAtOnce, flags: CommandFlags.DemandMaster),
                cancellationToken).ConfigureAwait(false);
            if (old.Length == 0)
                return count;
            foreach (RedisValue name in old)
            {
                if (QueueId.TryParse(name.ToString(), out QueueId item))
                    await RemoveAsync(item, cancellationToken).ConfigureAwait(false);
                else
                    await _redis.AskAsync(database => database.SortedSetRemoveAsync(_prefix, name), cancellationToken).ConfigureAwait(false);
                count++;
            }
        }
    }

    /// <summary>Closes the connection.</summary>
    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    private RedisKey KeyOf(QueueId item) => $"{_prefix}:{item}";

    private static async ValueTask<int> FillAsync(MessageContent content, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int done = 0;
        while (done < buffer.Length)
        {
            int read = await content.ReadAsync(offset + done, buffer[done..], cancellationToken).ConfigureAwait(false);
            if (read == 0)
                break;
            done += read;
        }

        return done;
    }
}
