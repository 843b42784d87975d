using System.Buffers;
using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Journal;
using SlimtaFast.Storage.Disk.Spool;

namespace SlimtaFast.Storage.Disk.Reading;

/// <summary>
/// Reads items back from the journal, each small one with its content in a single read. Runs on worker threads. Thread-safe.
/// </summary>
internal sealed class ItemReader
{
    // Records up to this length are read whole; of larger ones the contents stay on disk until somebody asks for them.
    private const int WholeRecord = 80 * 1024;

    private readonly StorageIndex _index;
    private readonly SpoolFiles _spool;
    private readonly DiskWorkers _workers;
    private readonly JournalQuarantine _quarantine;
    private readonly ILogger _logger;

    /// <summary>Reads what the index knows.</summary>
    public ItemReader(StorageIndex index, SpoolFiles spool, DiskWorkers workers, JournalQuarantine quarantine, ILogger logger)
    {
        _quarantine = quarantine;
        _index = index;
        _spool = spool;
        _workers = workers;
        _logger = logger;
    }

    /// <summary>Reads an item on a worker thread.</summary>
    public ValueTask<QueueItem?> ReadAsync(QueueId id) => new Job(this, id).StartAsync(_workers);

    /// <summary>Reads an item; null where it is gone, or damaged and set aside. The caller owns one reference to its content.</summary>
    /// <param name="id">The item.</param>
    /// <param name="forFiles">True where the item is to be written to files: a content that is a file stays one.</param>
    /// <exception cref="StorageException">The disk fails.</exception>
    public QueueItem? Read(QueueId id, bool forFiles = false)
    {
        // Asked before, or the scan could add the item and end between the two.
        bool mayExist = _index.MayContain(id);
        if (!_index.TryPin(id, out StoredItem item, out JournalSegment? head, out JournalSegment? state))
            return mayExist ? ReadFiles(id) : null;
        QueueItem? read = null;
        try
        {
            read = head is null ? ReadFiles(id) : ReadRecord(item, head, forFiles);
            return read is null || state is null ? read : WithLatestState(read, item, state);
        }
        catch (DamagedException e) when (head is not null)
        {
            SetAside(e, id, head, item.HeadOffset, item.HeadLength);
            _index.Forget(id);
            return null;
        }
        catch (IOException e)
        {
            read?.Envelope.Content.Release();
            DiskLog.UnreadableItem(_logger, id, head?.File.Path ?? "spool files", e);
            throw new StorageException(StorageFailure.Unavailable, $"Item {id} cannot be read: {e.Message}", e);
        }
        finally
        {
            _index.Unpin(head);
            _index.Unpin(state);
        }
    }

    // Where the latest state is damaged an older one counts: somebody may get the message twice, and nobody goes without.
    private QueueItem WithLatestState(QueueItem read, in StoredItem item, JournalSegment segment)
    {
        try
        {
            return read with { State = ReadState(item, segment) };
        }
        catch (DamagedException e)
        {
            SetAsideState(e, item, segment);
            return read;
        }
    }

    private void SetAsideState(DamagedException damage, in StoredItem item, JournalSegment segment)
    {
        SetAside(damage, item.Id, segment, item.StateOffset, item.StateLength);
        _index.ForgetState(item.Id, item.Version);
    }

    // Damaged data does not get better: a copy is kept, and the item is no longer offered.
    private void SetAside(DamagedException damage, QueueId id, JournalSegment segment, uint offset, uint length)
    {
        DiskLog.UnreadableItem(_logger, id, segment.File.Path, damage);
        byte[] bytes = new byte[length];
        segment.File.Reader.Read(offset, bytes);
        _quarantine.Keep(segment.File, (ulong)segment.Generation, offset, bytes);
    }

    /// <summary>Reads the latest state of an item where that is in the journal; null where it is not, or damaged.</summary>
    public DeliveryState? TryReadState(QueueId id)
    {
        if (!_index.TryPin(id, out StoredItem item, out JournalSegment? head, out JournalSegment? state))
            return null;
        try
        {
            return state is null ? null : ReadState(item, state);
        }
        catch (DamagedException e)
        {
            SetAsideState(e, item, state!);
            return null;
        }
        finally
        {
            _index.Unpin(head);
            _index.Unpin(state);
        }
    }

    private QueueItem? ReadFiles(QueueId id)
    {
        QueueItem? item = _spool.Read(id);
        // Damaged files are in the quarantine, and the item with them.
        if (item is null && _index.TryGet(id, out StoredItem known) && known.HeadSegment == 0)
            _index.Forget(id);
        return item;
    }

    private QueueItem ReadRecord(in StoredItem item, JournalSegment segment, bool forFiles)
    {
        byte[] buffer = ReadStart(segment, item.HeadOffset, item.HeadLength, out int length, out RecordHeader header);
        bool kept = false;
        try
        {
            EnvelopeHead head = FindHead(buffer, header, item.Id, out PartFlags flags) ?? throw Damaged(segment, item.HeadOffset);
            MessageContent content = (flags & PartFlags.ContentInFile) != 0
                ? _spool.OpenContent(head.ContentId, head.ContentLength, head.ContentCrc, forFiles) ?? throw new DamagedException($"Its content {head.ContentId} is damaged or missing.")
                : FindContent(head, segment, item.HeadOffset, header, buffer, length, out kept);
            return head.WithContent(content);
        }
        finally
        {
            if (!kept)
                ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private MessageContent FindContent(
        EnvelopeHead head, JournalSegment segment, uint offset, in RecordHeader header, byte[] buffer, int length, out bool kept)
    {
        ReadOnlySpan<byte> parts = buffer.AsSpan(JournalLayout.RecordHeaderSize, header.PartsLength);
        int at = header.ContentStart;
        while (RecordPart.TryTake(ref parts, out RecordPart part))
        {
            if (part.Kind != PartKind.Content)
                continue;
            if (part.Id != head.ContentId)
            {
                at += JournalLayout.ToEight(part.ContentLength);
                continue;
            }

            if (at + part.ContentLength <= length)
            {
                if (Crc32C.Compute(buffer.AsSpan(at, part.ContentLength)) != part.ContentCrc)
                    break;
                kept = true;
                return new RecordContent(part.Id, part.ContentLength, part.ContentCrc, head.ContentTraits, buffer, at);
            }

            kept = false;
            _index.Pin(segment);
            return new JournalContent(part.Id, part.ContentLength, part.ContentCrc, head.ContentTraits, _index, _workers, segment, offset + at);
        }

        throw Damaged(segment, offset);
    }

    private static DeliveryState ReadState(in StoredItem item, JournalSegment segment)
    {
        byte[] buffer = ReadStart(segment, item.StateOffset, item.StateLength, out _, out RecordHeader header);
        try
        {
            ReadOnlySpan<byte> parts = buffer.AsSpan(JournalLayout.RecordHeaderSize, header.PartsLength);
            while (RecordPart.TryTake(ref parts, out RecordPart part))
            {
                if (part.Kind == PartKind.State && part.Id == item.Id && EnvelopeSerializer.TryReadState(part.Payload, out _, out DeliveryState? state))
                    return state!;
            }

            throw Damaged(segment, item.StateOffset);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static EnvelopeHead? FindHead(byte[] buffer, in RecordHeader header, QueueId id, out PartFlags flags)
    {
        flags = default;
        ReadOnlySpan<byte> parts = buffer.AsSpan(JournalLayout.RecordHeaderSize, header.PartsLength);
        while (RecordPart.TryTake(ref parts, out RecordPart part))
        {
            if (part.Kind != PartKind.Head || part.Id != id)
                continue;
            flags = part.Flags;
            return EnvelopeSerializer.TryReadHead(part.Payload, out EnvelopeHead? head) ? head : null;
        }

        return null;
    }

    // The record, or as much of a long one as holds all its parts, in a rented buffer.
    private static byte[] ReadStart(JournalSegment segment, uint offset, uint recordLength, out int length, out RecordHeader header)
    {
        length = (int)Math.Min(recordLength, WholeRecord);
        while (true)
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
            try
            {
                if (segment.File.Reader.Read(offset, buffer.AsSpan(0, length)) == length
                    && RecordHeader.TryRead(buffer.AsSpan(0, length), (ulong)segment.Generation, out header))
                {
                    return buffer;
                }
            }
            catch (IOException)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                throw;
            }

            ArrayPool<byte>.Shared.Return(buffer);
            if (length == recordLength)
                throw Damaged(segment, offset);
            // Its parts alone are longer than that.
            length = (int)recordLength;
        }
    }

    private static DamagedException Damaged(JournalSegment segment, uint offset) => new($"The record at {segment.File.Path} offset {offset} is damaged.");

    private sealed class Job(ItemReader reader, QueueId id) : DiskOperation<QueueItem?>
    {
        protected override QueueItem? Execute() => reader.Read(id);
    }
}
