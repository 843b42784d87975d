using System.Buffers;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Journal;

namespace SlimtaFast.Storage.Disk.Reclaim;

/// <summary>
/// Copies what is still needed of one record to the journal's end. What is needed is decided when the copy is written, by the thread that
/// writes closings too: so nothing that was closed before its copy comes back.
/// </summary>
internal sealed class CopyRequest : JournalRequest
{
    private readonly JournalSegment _from;
    private readonly byte[] _record;
    private readonly RecordHeader _header;
    private readonly List<JournalPart> _wanted;
    private readonly CountdownEvent _done;
    private readonly Action<Exception> _onFailure;

    /// <summary>Makes the request.</summary>
    /// <param name="from">The segment that is being emptied.</param>
    /// <param name="record">The record, in a rented array that becomes the request's.</param>
    /// <param name="header">Its header, checked.</param>
    /// <param name="wanted">What was needed of it a moment ago.</param>
    /// <param name="done">Signalled at the end.</param>
    /// <param name="onFailure">Told of a failure before.</param>
    public CopyRequest(JournalSegment from, byte[] record, in RecordHeader header, List<JournalPart> wanted, CountdownEvent done, Action<Exception> onFailure)
    {
        _from = from;
        _record = record;
        _header = header;
        _wanted = wanted;
        _done = done;
        _onFailure = onFailure;
    }

    /// <inheritdoc/>
    public override RequestClass Class => RequestClass.Move;

    /// <inheritdoc/>
    public override BuildResult Build(RecordBuilder record, StorageIndex index, List<JournalPart> parts)
    {
        List<JournalPart> current = _wanted.FindAll(part => index.CanMove(part, _from.Generation));
        if (current.Count == 0)
            return BuildResult.Nothing;
        AddContents(record, current);
        ReadOnlySpan<byte> rest = _record.AsSpan(JournalLayout.RecordHeaderSize, _header.PartsLength);
        while (RecordPart.TryTake(ref rest, out RecordPart part))
        {
            PartKind kind = part.Kind;
            QueueId id = part.Id;
            int known = current.FindIndex(one => one.Kind == kind && one.Id == id);
            if (known < 0)
                continue;
            record.AddRaw(kind, part.Flags, id, part.Payload);
            parts.Add(current[known]);
        }

        return record.Parts == 0 ? BuildResult.Nothing : BuildResult.Record;
    }

    /// <inheritdoc/>
    public override void Complete(Exception? error)
    {
        ArrayPool<byte>.Shared.Return(_record);
        if (error is not null)
            _onFailure(error);
        _done.Signal();
    }

    // The contents of the heads that move, and no others.
    private void AddContents(RecordBuilder record, List<JournalPart> current)
    {
        HashSet<QueueId> needed = [];
        ReadOnlySpan<byte> rest = _record.AsSpan(JournalLayout.RecordHeaderSize, _header.PartsLength);
        while (RecordPart.TryTake(ref rest, out RecordPart part))
        {
            QueueId id = part.Id;
            if (part.Kind == PartKind.Head
                && (part.Flags & PartFlags.ContentInFile) == 0
                && current.Exists(one => one.Kind == PartKind.Head && one.Id == id)
                && EnvelopeSerializer.TryReadHead(part.Payload, out EnvelopeHead? head))
            {
                needed.Add(head!.ContentId);
            }
        }

        rest = _record.AsSpan(JournalLayout.RecordHeaderSize, _header.PartsLength);
        int at = _header.ContentStart;
        while (RecordPart.TryTake(ref rest, out RecordPart part))
        {
            if (part.Kind != PartKind.Content)
                continue;
            if (needed.Contains(part.Id))
                record.AddRawContent(part.Id, part.ContentCrc, _record.AsMemory(at, part.ContentLength));
            at += JournalLayout.ToEight(part.ContentLength);
        }
    }
}
