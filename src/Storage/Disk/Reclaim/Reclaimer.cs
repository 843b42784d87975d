using System.Buffers;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Intake;
using SlimtaFast.Storage.Disk.Journal;
using SlimtaFast.Storage.Disk.Reading;
using SlimtaFast.Storage.Disk.Spool;

namespace SlimtaFast.Storage.Disk.Reclaim;

/// <summary>
/// Empties the journal's oldest segment when space grows short or its mail waits long: what is needed is copied to the journal's end, or
/// becomes spool files where it was copied before, waits for a retry, or fills most of the segment, within a budget of files a second.
/// The segment itself is freed by the <see cref="SegmentKeeper"/> once nothing in it is needed. Used by one thread.
/// </summary>
internal sealed class Reclaimer
{
    private const int FilesAtOnce = 32;
    private const long CopyOctetsAtOnce = 4 * 1024 * 1024;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);

    private readonly StorageIndex _index;
    private readonly SegmentKeeper _keeper;
    private readonly JournalWriter _writer;
    private readonly ItemReader _reader;
    private readonly SpoolFiles _spool;
    private readonly ContentPlacer _placer;
    private readonly StorageMetrics _metrics;
    private readonly ReclaimSettings _settings;
    private readonly RateBudget _budget;
    private JournalSegment? _segment;
    private List<JournalPart> _parts = [];
    private int _next;

    /// <summary>Wires it up.</summary>
    public Reclaimer(
        StorageIndex index,
        SegmentKeeper keeper,
        JournalWriter writer,
        ItemReader reader,
        SpoolFiles spool,
        ContentPlacer placer,
        StorageMetrics metrics,
        ReclaimSettings settings)
    {
        _index = index;
        _keeper = keeper;
        _writer = writer;
        _reader = reader;
        _spool = spool;
        _placer = placer;
        _metrics = metrics;
        _settings = settings;
        _budget = new RateBudget(settings.FilesPerSecond);
    }

    /// <summary>
    /// Does a piece of work and tells how long to wait before the next. Failures of the disk and the journal are exceptions; the segment is
    /// then begun again, which does no harm.
    /// </summary>
    public TimeSpan Step()
    {
        if (_segment is null && !Begin())
            return Idle;
        JournalSegment segment = _segment!;
        bool finished = true;
        try
        {
            if (segment.Live == 0)
                return TimeSpan.Zero;
            bool waiting = !MoveSome(segment);
            finished = _next == _parts.Count;
            return waiting || (finished && (segment.Live > 0 || !IsPressed)) ? Pause : TimeSpan.Zero;
        }
        finally
        {
            if (finished)
                End();
        }
    }

    /// <summary>Lets go of the segment.</summary>
    public void End()
    {
        _index.Unpin(_segment);
        _segment = null;
        _parts = [];
    }

    private bool IsPressed => _keeper.UsedCount >= _settings.UsedSegments || _keeper.Problem is not null;

    private bool Begin()
    {
        JournalSegment? oldest = _index.FindOldest();
        if (oldest is null || (!IsPressed && !WaitsLong(oldest)))
            return false;
        _index.Pin(oldest);
        _segment = oldest;
        _next = 0;
        _parts = SegmentParts.Read(oldest);
        return true;
    }

    private bool WaitsLong(JournalSegment segment) => Environment.TickCount64 - segment.RetiredAt >= _settings.SpoolAfter.TotalMilliseconds;

    // False where it has to wait for the budget of files.
    private bool MoveSome(JournalSegment segment)
    {
        bool isMostlyNeeded = segment.LiveBytes > (segment.End - JournalLayout.DataStart) / 2;
        bool waitsLong = WaitsLong(segment);
        bool mayMakeFiles = waitsLong || !isMostlyNeeded || _keeper.UsedCount >= _settings.CrowdedSegments || _keeper.Problem is not null;
        int files = mayMakeFiles ? Math.Min(FilesAtOnce, _budget.Available) : 0;
        var items = new List<StoredItem>();
        var states = new List<StoredItem>();
        var copies = new List<List<JournalPart>>();
        long copyOctets = 0;
        bool waits = false;
        while (!waits && _next < _parts.Count && items.Count + states.Count < FilesAtOnce && copyOctets < CopyOctetsAtOnce)
        {
            int start = _next;
            List<JournalPart> needed = NextRecord().FindAll(part => _index.CanMove(part, segment.Generation));
            if (needed.Count == 0)
                continue;
            bool wantsFile = waitsLong || isMostlyNeeded || needed.Exists(part => WaitsForRetry(part.Id));
            if (wantsFile && files > 0)
            {
                foreach (JournalPart part in needed)
                    Sort(part, items, states, copies);
                files -= needed.Count;
            }
            else if (isMostlyNeeded)
            {
                // Copying would take about as much room as it frees.
                _next = start;
                waits = true;
            }
            else
            {
                copies.Add(needed);
                copyOctets += needed[0].RecordLength;
            }
        }

        MoveToFiles(segment, items);
        MoveStatesToFiles(states);
        Copy(segment, copies);
        return !waits;
    }

    // Copied once already, or not due for a while: it would be copied again and again.
    private bool WaitsForRetry(QueueId id) => _index.TryGet(id, out StoredItem item) && (item.Attempts > 0 || item.MovedFrom != 0);

    private List<JournalPart> NextRecord()
    {
        List<JournalPart> record = [_parts[_next++]];
        while (_next < _parts.Count && _parts[_next].Offset == record[0].Offset)
            record.Add(_parts[_next++]);
        return record;
    }

    private void Sort(in JournalPart part, List<StoredItem> items, List<StoredItem> states, List<List<JournalPart>> copies)
    {
        if (!_index.TryGet(part.Id, out StoredItem item))
            return;
        if (part.Kind == PartKind.Head)
            items.Add(item);
        else if (item.HeadSegment == 0)
            states.Add(item);
        else
            copies.Add([part]);
    }

    private void MoveToFiles(JournalSegment segment, List<StoredItem> items)
    {
        List<QueueItem> read = [];
        try
        {
            foreach (StoredItem item in items)
            {
                if (item.Has(StoredItemFlags.HasFiles))
                    _index.MovedToFiles(item.Id, -1, default, segment);
                else if (TryRead(item) is { } one)
                    read.Add(one);
            }

            // Items that share a content of the journal go on sharing it, as a file of its own.
            List<QueueItem> single = [];
            foreach (IGrouping<QueueId, QueueItem> sharers in read.GroupBy(static item => item.Envelope.Content.Id))
            {
                QueueItem[] group = [.. sharers];
                if (group.Length == 1 || group[0].Envelope.Content is SpoolContent)
                    single.AddRange(group);
                else
                    WriteSharers(segment, group);
            }

            WriteItems(segment, single, default);
        }
        finally
        {
            foreach (QueueItem item in read)
                item.Envelope.Content.Release();
        }
    }

    private void WriteSharers(JournalSegment segment, QueueItem[] items)
    {
        List<QueueId> held = [];
        MessageContent? file = null;
        try
        {
            file = _placer.CopyToFile(items[0].Envelope.Content, held);
            WriteItems(segment, [.. items.Select(item => item with { Envelope = item.Envelope with { Content = file } })], file.Id);
            _budget.Spend(1);
        }
        catch (UndecidedException)
        {
            // Files that may be in place name it; the next start sees whether they do.
            held.Clear();
            throw;
        }
        finally
        {
            foreach (QueueId content in held)
                _index.LetGoOfContentFile(content);
            file?.Release();
        }
    }

    private void WriteItems(JournalSegment segment, List<QueueItem> items, QueueId contentFile)
    {
        // From here on a closing has files to wait for, even where writing them fails half-way. What is closed already gets none.
        items.RemoveAll(item => !_index.ExpectFiles(item.Envelope.Id));
        _spool.WriteItems(items);
        foreach (QueueItem item in items)
            _index.MovedToFiles(item.Envelope.Id, item.State.Version, contentFile, segment);
        Spent(items.Count);
    }

    private QueueItem? TryRead(in StoredItem item)
    {
        try
        {
            return _reader.Read(item.Id, forFiles: true);
        }
        catch (StorageException e) when (e.InnerException is IOException failure)
        {
            throw failure;
        }
    }

    private void MoveStatesToFiles(List<StoredItem> items)
    {
        List<(QueueId Id, DeliveryState State)> states = [];
        foreach (StoredItem item in items)
        {
            if (_reader.TryReadState(item.Id) is { } state)
                states.Add((item.Id, state));
        }

        _spool.WriteStates(states);
        foreach ((QueueId id, DeliveryState state) in states)
            _index.ForgetState(id, state.Version);
        Spent(states.Count);
    }

    private void Spent(int files)
    {
        _budget.Spend(files);
        if (files > 0)
            _metrics.Spooled(files);
    }

    private void Copy(JournalSegment segment, List<List<JournalPart>> copies)
    {
        if (copies.Count == 0)
            return;
        Exception? failure = null;
        // One more than there are requests, so that it cannot reach zero before all are handed over.
        using var done = new CountdownEvent(1);
        try
        {
            foreach (List<JournalPart> parts in copies)
            {
                if (ReadForCopy(segment, parts[0], out RecordHeader header) is not { } record)
                    continue;
                done.AddCount();
                var request = new CopyRequest(segment, record, header, parts, done, e => Interlocked.CompareExchange(ref failure, e, null));
                if (!_writer.TryEnqueue(request))
                    request.Complete(new IOException("The journal is closed."));
            }
        }
        finally
        {
            done.Signal();
            done.Wait();
        }

        if (failure is not null)
            throw failure as IOException ?? new IOException(failure.Message, failure);
        _metrics.Copied(copies.Count);
    }

    // The record in a rented array; null where it is damaged.
    private byte[]? ReadForCopy(JournalSegment segment, in JournalPart part, out RecordHeader header)
    {
        byte[] record = ArrayPool<byte>.Shared.Rent((int)part.RecordLength);
        bool kept = false;
        try
        {
            Span<byte> bytes = record.AsSpan(0, (int)part.RecordLength);
            if (segment.File.Reader.Read(part.Offset, bytes) == bytes.Length && RecordHeader.TryRead(bytes, (ulong)segment.Generation, out header))
            {
                kept = true;
                return record;
            }

            // The reader keeps a copy of it, and offers the item no more.
            header = default;
            _reader.Read(part.Id)?.Envelope.Content.Release();
            return null;
        }
        finally
        {
            if (!kept)
                ArrayPool<byte>.Shared.Return(record);
        }
    }
}
