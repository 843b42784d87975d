using System.Buffers;
using System.Globalization;
using SlimtaFast.Mail;
using SlimtaFast.Storage;
using StackExchange.Redis;

namespace SlimtaFast.Load.Peers;

/// <summary>
/// Writes as python-slimta's Redis storage does, for comparison: the whole message in one HSETNX, then its timestamp and attempts and a notice in a second
/// round, over one connection that carries one call at a time. It only writes; nothing is delivered from it.
/// </summary>
internal sealed class OneCallRedisStorage : IQueueStorage
{
    private const string Prefix = "slimta:";

    private readonly ConnectionMultiplexer _redis;
    private readonly IDatabase _database;
    private readonly SemaphoreSlim _turn = new(1);
    private long _items;

    public OneCallRedisStorage(string server)
    {
        _redis = ConnectionMultiplexer.Connect(server);
        _database = _redis.GetDatabase();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ContentWriter BeginContent(QueueId id, long? sizeHint) =>
        new PooledContentWriter(id, int.MaxValue, null, static _ => throw new StorageException(StorageFailure.Full, "The message is too large for this storage."));

    public async ValueTask WriteAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken)
    {
        foreach (QueueItem item in items)
        {
            var whole = new ArrayBufferWriter<byte>();
            EnvelopeSerializer.WriteHead(whole, item);
            if (!item.Envelope.Content.TryGetMemory(out ReadOnlySequence<byte> content))
                throw new NotSupportedException("Only messages that are held in memory are compared.");
            content.CopyTo(whole.GetSpan((int)content.Length));
            whole.Advance((int)content.Length);
            string id = item.Envelope.Id.ToString();
            await _turn.WaitAsync(cancellationToken);
            try
            {
                await _database.HashSetAsync(Prefix + id, "envelope", whole.WrittenMemory, When.NotExists);
                IBatch batch = _database.CreateBatch();
                Task facts = batch.HashSetAsync(
                    Prefix + id, [new("timestamp", item.State.DueAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)), new("attempts", 0)]);
                Task notice = batch.ListRightPushAsync(Prefix + "queue", id);
                batch.Execute();
                await Task.WhenAll(facts, notice);
            }
            catch (RedisException trouble)
            {
                throw new StorageException(StorageFailure.Unavailable, trouble.Message, trouble);
            }
            finally
            {
                _turn.Release();
            }

            Interlocked.Increment(ref _items);
        }
    }

    public ValueTask UpdateAsync(QueueId id, DeliveryState state, IReadOnlyList<QueueItem> bounces, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask RemoveAsync(QueueId id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<QueueItem?> ReadAsync(QueueId id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public async IAsyncEnumerable<QueueEntry> LoadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        yield break;
    }

    public StorageInfo GetInfo() => new(Interlocked.Read(ref _items), 0, AcceptsNew: true, Problem: null);

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        _turn.Dispose();
    }
}
