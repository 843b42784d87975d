using System.Buffers;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>Reads and checks spool files on the calling thread. Thread-safe.</summary>
internal sealed class SpoolReader(SpoolFolders folders, DiskWorkers readers, int inMemoryLimit)
{
    // Head and trailer of an ordinary message, and not more than a page of the file system.
    private const int EndOctets = 4096;

    private const int LongestState = 64 * 1024 * 1024;

    /// <summary>Reads an item with its content, of which the caller gets a reference; the newest state that the files have.</summary>
    /// <param name="id">The item.</param>
    /// <param name="item">Null unless intact.</param>
    /// <param name="damaged">The name of the file that is damaged or missing: the item itself, or its content.</param>
    /// <param name="hasDamagedState">True where the <c>.meta</c> file is damaged and the head's older state counts.</param>
    public SpoolFileStatus TryReadItem(QueueId id, out QueueItem? item, out QueueId damaged, out bool hasDamagedState)
    {
        item = null;
        damaged = id;
        hasDamagedState = false;
        SpoolFileStatus status = TryOpen(id, inMemoryLimit + EndOctets, out OpenedEnvelope? opened);
        if (status != SpoolFileStatus.Intact)
            return status;
        using OpenedEnvelope envelope = opened!;
        if (envelope.Head is not { } head)
            return SpoolFileStatus.Damaged;
        MessageContent? content;
        if (envelope.Trailer.HasContent)
        {
            if (!envelope.TryTakeContent(folders.Layer, readers, SpoolContentPlace.InItem, asFile: false, out content))
                return SpoolFileStatus.Damaged;
        }
        else if (TryReadContent(head.ContentId, head.ContentLength, head.ContentCrc, asFile: false, out content) != SpoolFileStatus.Intact)
        {
            damaged = head.ContentId;
            return SpoolFileStatus.Damaged;
        }

        try
        {
            item = head.WithContent(content!);
            SpoolFileStatus stateStatus = TryReadState(id, head.Item, out DeliveryState? state);
            hasDamagedState = stateStatus == SpoolFileStatus.Damaged;
            if (stateStatus == SpoolFileStatus.Intact)
                item = item with { State = state! };
            return SpoolFileStatus.Intact;
        }
        catch
        {
            content!.Release();
            throw;
        }
    }

    /// <summary>Opens a content that has a file of its own, and checks it against what its head says.</summary>
    /// <param name="id">The content.</param>
    /// <param name="length">Octets that it should have.</param>
    /// <param name="crc">Checksum that it should have.</param>
    /// <param name="asFile">True for a <see cref="SpoolContent"/> in any case, false where a small one may come in memory.</param>
    /// <param name="content">Null unless intact.</param>
    public SpoolFileStatus TryReadContent(QueueId id, long length, uint crc, bool asFile, out MessageContent? content)
    {
        content = null;
        SpoolFileStatus status = TryOpen(id, asFile ? EndOctets : inMemoryLimit + EndOctets, out OpenedEnvelope? opened);
        if (status != SpoolFileStatus.Intact)
            return status;
        using OpenedEnvelope envelope = opened!;
        return envelope.Trailer.HasContent
            && envelope.Trailer.ContentLength == length
            && envelope.Trailer.ContentCrc == crc
            && envelope.TryTakeContent(folders.Layer, readers, SpoolContentPlace.Stored, asFile, out content)
            ? SpoolFileStatus.Intact
            : SpoolFileStatus.Damaged;
    }

    /// <summary>Reads an item's <c>.meta</c> file where it has a newer state than the head. Missing also where it has not.</summary>
    public SpoolFileStatus TryReadState(QueueId id, QueueItem head, out DeliveryState? state)
    {
        state = null;
        using IStoreFile? file = folders.Layer.TryOpen(folders.StatePath(id), writable: false);
        if (file is null)
            return SpoolFileStatus.Missing;
        long length = file.Length;
        if (length is 0 or > LongestState)
            return SpoolFileStatus.Damaged;
        byte[] bytes = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            if (file.Read(0, bytes.AsSpan(0, (int)length)) != length
                || !EnvelopeSerializer.TryReadState(bytes.AsSpan(0, (int)length), out QueueId name, out state)
                || name != id
                || state!.Recipients.Count != head.Envelope.Recipients.Count)
            {
                state = null;
                return SpoolFileStatus.Damaged;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }

        return state.Version > head.State.Version ? SpoolFileStatus.Intact : SpoolFileStatus.Missing;
    }

    /// <summary>Reads what the scheduler must know of a file, without its content.</summary>
    /// <param name="name">The id in the file's name.</param>
    /// <param name="hasState">False where it is known that there is no <c>.meta</c> file, which saves looking for it.</param>
    public SpoolEntry ReadEntry(QueueId name, bool hasState)
    {
        SpoolFileStatus status = TryOpen(name, EndOctets, out OpenedEnvelope? opened);
        if (status != SpoolFileStatus.Intact)
            return new SpoolEntry { Name = name, Kind = status == SpoolFileStatus.Missing ? SpoolEntryKind.Missing : SpoolEntryKind.Damaged };
        using OpenedEnvelope envelope = opened!;
        if (envelope.Head is not { } head)
            return new SpoolEntry { Name = name, Kind = SpoolEntryKind.Content };
        QueueItem item = head.Item;
        SpoolFileStatus stateStatus = SpoolFileStatus.Missing;
        if (hasState)
        {
            stateStatus = TryReadState(name, item, out DeliveryState? newer);
            if (newer is not null && stateStatus == SpoolFileStatus.Intact)
                item = item with { State = newer };
        }

        return new SpoolEntry
        {
            Name = name,
            Kind = SpoolEntryKind.Item,
            Entry = new QueueEntry(name, item.State.DueAt, item.State.Attempts, item.Domain, head.ContentLength + item.Envelope.AddedHeaders.Length, Urgency.Of(item.Envelope), IsRerouted: item.State.RoutingDomain is not null),
            Version = item.State.Version,
            ContentFile = envelope.Trailer.HasContent ? default : head.ContentId,
            HasDamagedState = stateStatus == SpoolFileStatus.Damaged,
            IsClosed = item.State.IsClosed,
        };
    }

    private SpoolFileStatus TryOpen(QueueId name, int most, out OpenedEnvelope? opened)
    {
        opened = null;
        IStoreFile? file = folders.Layer.TryOpen(folders.EnvelopePath(name), writable: false);
        if (file is null)
            return SpoolFileStatus.Missing;
        return OpenedEnvelope.TryRead(file, name, most, out opened) ? SpoolFileStatus.Intact : SpoolFileStatus.Damaged;
    }
}
