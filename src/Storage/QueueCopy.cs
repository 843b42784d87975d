using System.Buffers;
using System.Collections.Concurrent;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk;

namespace SlimtaFast.Storage;

/// <summary>
/// Copies a queue from one storage to another, of whatever kinds, and verifies the copy. The source is not changed before all of it is verified. Ids stay
/// what they are, so that a copy that was interrupted goes on where it was. An item that is damaged keeps nothing from the others: it is among the differences.
/// Nobody else may use either storage meanwhile: who does is found out where it shows. Used once, by one caller.
/// </summary>
public sealed class QueueCopy
{
    private const int AtOnce = 32;
    private const int CompareOctets = 64 * 1024;
    private const int MostDifferences = 1000;
    private const string Gone = "the source does not have it any more: somebody uses it";

    private readonly IQueueStorage _from;
    private readonly IQueueStorage _to;
    private readonly Action<QueueCopyProgress> _progress;
    private readonly List<QueueId> _ids = [];
    private readonly List<string> _differences = [];
    private readonly ConcurrentDictionary<QueueId, string> _damaged = new();
    private long _present;

    /// <summary>Copies between two storages that are started; they stay the caller's.</summary>
    /// <param name="from">The source.</param>
    /// <param name="to">The target.</param>
    /// <param name="progress">Told now and then how far it is, by one thread at a time; null for nobody.</param>
    public QueueCopy(IQueueStorage from, IQueueStorage to, Action<QueueCopyProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        _from = from;
        _to = to;
        _progress = progress ?? (static _ => { });
    }

    /// <summary>Copies and verifies all items; of them only ids are in memory, and of contents a part at a time.</summary>
    /// <param name="remove">True to remove the items from the source once all of them are verified.</param>
    /// <param name="cancellationToken">Gives up; what was copied stays.</param>
    /// <exception cref="StorageException">A storage fails, or both are one and were to lose what is in them; run again, it goes on where it was.</exception>
    /// <exception cref="IOException">A content of the source cannot be read.</exception>
    public async Task<QueueCopyResult> RunAsync(bool remove, CancellationToken cancellationToken)
    {
        await foreach (QueueEntry entry in _from.LoadAsync(cancellationToken).ConfigureAwait(false))
        {
            _ids.Add(entry.Id);
            if (_ids.Count % AtOnce == 0)
                _progress(new QueueCopyProgress(QueueCopyStage.Listing, _ids.Count, _ids.Count));
        }

        // By age, so that the items of one message stand together and share one copy of its content.
        _ids.Sort();
        await RunAsync(QueueCopyStage.Copying, CopyAsync, cancellationToken).ConfigureAwait(false);
        await RunAsync(QueueCopyStage.Verifying, VerifyAsync, cancellationToken).ConfigureAwait(false);
        await FindLateAsync(cancellationToken).ConfigureAwait(false);
        long removed = 0;
        if (remove && _differences.Count == 0 && _ids.Count > 0)
        {
            await RefuseOnePlaceAsync(_ids[0], cancellationToken).ConfigureAwait(false);
            await RunAsync(QueueCopyStage.Removing, RemoveAsync, cancellationToken).ConfigureAwait(false);
            removed = _ids.Count;
        }

        return new QueueCopyResult(_ids.Count, _present, removed, _differences);
    }

    private async Task RunAsync(QueueCopyStage stage, Func<QueueId[], CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        _progress(new QueueCopyProgress(stage, 0, _ids.Count));
        for (int at = 0; at < _ids.Count; at += AtOnce)
        {
            QueueId[] some = [.. _ids.GetRange(at, Math.Min(AtOnce, _ids.Count - at))];
            await run(some, cancellationToken).ConfigureAwait(false);
            _progress(new QueueCopyProgress(stage, at + some.Length, _ids.Count));
        }
    }

    private async Task CopyAsync(QueueId[] ids, CancellationToken cancellationToken)
    {
        QueueItem?[] items = await ReadAsync(_from, ids, cancellationToken).ConfigureAwait(false);
        QueueItem?[] present = [];
        try
        {
            present = await ReadAsync(_to, ids, cancellationToken).ConfigureAwait(false);
            var missing = new List<QueueItem>();
            for (int i = 0; i < ids.Length; i++)
            {
                if (items[i] is not { } item || _damaged.ContainsKey(ids[i]))
                    continue;
                if (present[i] is not { } there)
                {
                    missing.Add(item);
                    continue;
                }

                // One of an interrupted copy, which the source has gone on with since; anything else is told by the comparison.
                _present++;
                if (there.State.Version < item.State.Version)
                    await _to.UpdateAsync(ids[i], item.State, [], cancellationToken).ConfigureAwait(false);
            }

            await Task.WhenAll(missing.GroupBy(static item => item.Envelope.Content.Id).Select(message => WriteAsync([.. message], cancellationToken))).ConfigureAwait(false);
        }
        finally
        {
            Release(items);
            Release(present);
        }
    }

    private async Task VerifyAsync(QueueId[] ids, CancellationToken cancellationToken)
    {
        QueueItem?[] items = await ReadAsync(_from, ids, cancellationToken).ConfigureAwait(false);
        QueueItem?[] copies = [];
        try
        {
            copies = await ReadAsync(_to, ids, cancellationToken).ConfigureAwait(false);
            string?[] differences = await Task.WhenAll(ids.Select((id, i) => CompareAsync(id, items[i], copies[i], cancellationToken))).ConfigureAwait(false);
            for (int i = 0; i < ids.Length && _differences.Count < MostDifferences; i++)
            {
                if (differences[i] is { } difference)
                    _differences.Add($"{ids[i]}: {difference}");
            }
        }
        finally
        {
            Release(items);
            Release(copies);
        }
    }

    // Once more: mail that somebody brought to the source meanwhile would stay behind.
    private async Task FindLateAsync(CancellationToken cancellationToken)
    {
        await foreach (QueueEntry entry in _from.LoadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_differences.Count < MostDifferences && _ids.BinarySearch(entry.Id) < 0)
                _differences.Add($"{entry.Id}: it came to the source meanwhile: somebody uses it");
        }
    }

    // Two addresses may name one place. The source alone gets a further version of a state, which says the same: what the target shows must not change.
    private async Task RefuseOnePlaceAsync(QueueId id, CancellationToken cancellationToken)
    {
        QueueItem?[] items = await ReadAsync(_from, [id], cancellationToken).ConfigureAwait(false), copies = [];
        try
        {
            // Not to be told any more: of an item that is gone, somebody else's change and one of ours look the same.
            if (items[0] is not { State: var state })
                throw new StorageException(StorageFailure.Unavailable, $"{id}: {Gone}. Nothing was removed.");
            await _from.UpdateAsync(id, state with { Version = state.Version + 1 }, [], cancellationToken).ConfigureAwait(false);
            copies = await ReadAsync(_to, [id], cancellationToken).ConfigureAwait(false);
            if (copies[0]?.State.Version != state.Version)
                throw new StorageException(StorageFailure.Unavailable, "Source and target are one and the same storage; nothing was removed.");
        }
        finally
        {
            Release(items);
            Release(copies);
        }
    }

    private Task RemoveAsync(QueueId[] ids, CancellationToken cancellationToken) =>
        Task.WhenAll(ids.Select(id => _from.RemoveAsync(id, cancellationToken).AsTask()));

    private async Task WriteAsync(QueueItem[] message, CancellationToken cancellationToken)
    {
        try
        {
            await _to.WriteAsync(message, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception trouble) when (IsDamage(trouble))
        {
            foreach (QueueItem item in message)
                _damaged[item.Envelope.Id] = trouble.Message;
        }
    }

    // Null where there is none, or where it is damaged, which is noted.
    private async Task<QueueItem?> ReadAsync(IQueueStorage storage, QueueId id, CancellationToken cancellationToken)
    {
        try
        {
            return await storage.ReadAsync(id, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception trouble) when (IsDamage(trouble))
        {
            _damaged[id] = trouble.Message;
            return null;
        }
    }

    // What trying again does not help, and what ends with the one item that has it; a storage that is away is away for all of them.
    private static bool IsDamage(Exception trouble) => trouble is InvalidDataException or EndOfStreamException or DamagedException
        || (trouble is StorageException { InnerException: { } inner } && IsDamage(inner));

    private async Task<QueueItem?[]> ReadAsync(IQueueStorage storage, QueueId[] ids, CancellationToken cancellationToken)
    {
        Task<QueueItem?>[] reads = [.. ids.Select(id => ReadAsync(storage, id, cancellationToken))];
        try
        {
            return await Task.WhenAll(reads).ConfigureAwait(false);
        }
        catch
        {
            // All have ended: what some of them read is held for nobody.
            Release(reads.Where(static read => read.IsCompletedSuccessfully).Select(static read => read.Result));
            throw;
        }
    }

    private static void Release(IEnumerable<QueueItem?> items)
    {
        foreach (QueueItem? item in items)
            item?.Envelope.Content.Release();
    }

    // Null where the copy is the same.
    private async Task<string?> CompareAsync(QueueId id, QueueItem? item, QueueItem? copy, CancellationToken cancellationToken)
    {
        if (_damaged.TryGetValue(id, out string? damage))
            return damage;
        if (item is null)
            return Gone;
        if (copy is null)
            return "the target does not have it: somebody uses it";
        if (copy.State.Version > item.State.Version)
            return "the target went on with it: somebody uses it";
        if (!HeadOf(item).SequenceEqual(HeadOf(copy)))
            return "envelope or state are not the same";
        try
        {
            return await IsWholeAsync(copy.Envelope.Content, cancellationToken).ConfigureAwait(false) ? null : "the content is not the one that was received";
        }
        catch (Exception trouble) when (IsDamage(trouble))
        {
            return trouble.Message;
        }
    }

    // The head has all but the content's octets, and of those the length and the checksum. A storage may give a content a name of its own.
    private static byte[] HeadOf(QueueItem item)
    {
        var buffer = new ArrayBufferWriter<byte>();
        EnvelopeSerializer.WriteHead(buffer, item with { Envelope = item.Envelope with { Content = new NamelessContent(item.Envelope.Content) } });
        return buffer.WrittenSpan.ToArray();
    }

    private static async Task<bool> IsWholeAsync(MessageContent content, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[Math.Min(content.Length, CompareOctets)];
        uint crc = 0;
        for (long at = 0; at < content.Length;)
        {
            int read = await content.ReadAsync(at, buffer, cancellationToken).ConfigureAwait(false);
            if (read == 0)
                return false;
            crc = Crc32C.Append(crc, buffer.AsSpan(0, read));
            at += read;
        }

        return crc == content.Crc;
    }

    /// <summary>What is known of a content, but for its name and its octets.</summary>
    private sealed class NamelessContent(MessageContent content) : MessageContent(default, content.Length, content.Crc, content.Traits)
    {
        public override bool TryGetMemory(out ReadOnlySequence<byte> bytes)
        {
            bytes = default;
            return false;
        }

        public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) => ValueTask.FromResult(0);

        protected override void Free()
        {
            // It holds nothing.
        }
    }
}
