using System.Diagnostics;
using Microsoft.Extensions.Logging;
using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>
/// The journal's own thread and the one place where a message is made durable: <see cref="Commit"/>. Many sessions' records go into one
/// aligned buffer, one write and one flush; while that runs the next batch gathers.
/// </summary>
internal sealed class JournalWriter : IDisposable
{
    private readonly JournalSettings _settings;
    private readonly StorageIndex _index;
    private readonly SegmentKeeper _keeper;
    private readonly StorageMetrics _metrics;
    private readonly ILogger _logger;
    private readonly RequestInbox _inbox;
    private readonly Thread _thread;
    private readonly BatchBuffer _buffer;
    private readonly RecordBuilder _record;
    private readonly AlignedBuffer _headerPage = new(JournalLayout.PageSize, JournalLayout.PageSize);
    private readonly JournalBatch _unflushed = new();
    private readonly long _flushDelayTicks;
    private List<JournalRequest> _work = new(256);
    private int _next;

    private JournalSegment? _active;
    private SegmentFile? _probe;
    private long _writeOffset;
    private ulong _sequence;
    private ulong _flushedSequence;
    private int _generation;
    private JournalPosition _previous;
    private long _lastWrite;
    private long _firstUnflushed = long.MaxValue;
    private volatile IOException? _problem;
    private long _retryAt;

    /// <summary>Makes a writer that goes on behind what recovery found; <see cref="Start"/> sets it to work.</summary>
    public JournalWriter(JournalSettings settings, JournalPosition position, StorageIndex index, SegmentKeeper keeper, StorageMetrics metrics, ILogger logger)
    {
        _settings = settings;
        _index = index;
        _keeper = keeper;
        _metrics = metrics;
        _logger = logger;
        _previous = position;
        _generation = position.HighestGeneration;
        _sequence = position.HighestSequence;
        _flushedSequence = position.LastSequence;
        _flushDelayTicks = (long)(settings.OutcomeFlushDelay.TotalSeconds * Stopwatch.Frequency);
        _inbox = new RequestInbox(settings.OutcomeGatherDelay);
        _buffer = new BatchBuffer(settings.MaxBatchBytes + (256 * 1024));
        _record = new RecordBuilder(_buffer);
        _thread = new Thread(Run) { IsBackground = true, Name = "journal" };
    }

    /// <summary>Why nothing can be written at present, or null.</summary>
    public IOException? Problem => _problem;

    /// <summary>Begins to work.</summary>
    public void Start() => _thread.Start();

    /// <summary>Hands a request to the journal thread; false where the journal is being closed.</summary>
    public bool TryEnqueue(JournalRequest request) => _inbox.TryAdd(request);

    /// <summary>Writes and flushes everything handed over so far, takes nothing more, and ends the thread.</summary>
    public void Stop()
    {
        _inbox.Close();
        if (_thread.IsAlive)
            _thread.Join();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        _probe?.Dispose();
        _buffer.Dispose();
        _headerPage.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            long wakeAt = _problem is not null ? _retryAt : _unflushed.IsEmpty ? long.MaxValue : _firstUnflushed + _flushDelayTicks;
            bool open = _inbox.Take(ref _work, _lastWrite, wakeAt);
            _next = 0;
            if (_problem is null || TryResume())
                WriteAll(closing: !open);
            FailRest();
            _work.Clear();
            if (!open)
                break;
        }

        if (_active is { } active)
            _keeper.Retire(active);
    }

    // Everything taken, in as few batches as the buffer and the segments allow.
    private void WriteAll(bool closing)
    {
        try
        {
            do
            {
                bool urgent = closing;
                int bytes = Gather(ref urgent);
                if (bytes == 0 && _unflushed.IsEmpty)
                    continue;
                bool due = !_unflushed.IsEmpty && (urgent || Stopwatch.GetTimestamp() >= _firstUnflushed + _flushDelayTicks);
                Commit(bytes, flush: due);
            }
            while (_next < _work.Count && _problem is null);
        }
        catch (IOException e)
        {
            Abort(e);
        }
    }

    /// <summary>
    /// The one place where a message becomes durable. Nothing of the batch is acknowledged, and the index knows nothing of it, before the
    /// flush behind the write has succeeded; both happen right after it, in the order of the records.
    /// <para>
    /// Why this survives a crash at any instruction. Before the write: nothing of the batch is on disk, nobody was told. Between write and
    /// flush: any part of it may be there; each record has its own checksum over generation, sequence and parts, and each content its own,
    /// so recovery takes a record whole or not at all, and stops at the first that is not whole, because its sequence is above the highest
    /// mark of "flushed before" that any later batch carries. After the flush: the records are whole, and every later batch or segment
    /// header says that they were flushed, so a bad one among them is damage and is reported as such, never skipped as a torn tail.
    /// The file was zeroed and its size flushed before its first use, so that the flush depends on no metadata of the file system.
    /// </para>
    /// <para>
    /// After a write or flush that failed nobody knows what is on disk, and a second flush that succeeds proves nothing, because the system
    /// may have dropped the pages. So the segment gets no more records, everything in the batch is answered as failed, and work goes on in
    /// another segment only when its header, which says that the old one ends before this batch, was flushed by itself.
    /// </para>
    /// </summary>
    private void Commit(int bytes, bool flush)
    {
        JournalSegment segment = _active!;
        long started = Stopwatch.GetTimestamp();
        if (bytes > 0)
        {
            _lastWrite = started;
            segment.File.Writer.Write(_writeOffset, _buffer.Written[..bytes]);
            _writeOffset += bytes;
        }

        if (!flush)
            return;
        segment.File.Writer.Flush();
        _metrics.Flushed(Stopwatch.GetElapsedTime(started), _unflushed.Members.Count, _writeOffset - segment.End);

        _flushedSequence = _sequence;
        segment.End = _writeOffset;
        segment.LastSequence = _sequence;
        foreach (ref readonly JournalPart part in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_unflushed.Parts))
            segment.Index!.Add(part);
        _index.Publish(_unflushed.Parts, segment);
        _firstUnflushed = long.MaxValue;
        foreach (JournalRequest member in _unflushed.Members)
            member.Complete(null);
        _unflushed.Clear();
    }

    // Puts as many records as fit into the buffer and returns the octets to write, a whole number of pages.
    private int Gather(ref bool urgent)
    {
        _buffer.Reset();
        ulong first = _sequence + 1;
        int records = 0;
        while (_next < _work.Count && _buffer.Length < _settings.MaxBatchBytes)
        {
            JournalRequest request = _work[_next];
            if (request.Class == RequestClass.NewMail && !_keeper.HasRoomForNewMail)
            {
                _next++;
                request.Complete(JournalFailures.Full());
                continue;
            }

            Placement placement = _active is null ? Placement.NoRoom : Place(request, ref records);
            if (placement == Placement.NoRoom)
            {
                // What is in the buffer goes first; then the old segment is flushed before a new one begins.
                if (records > 0)
                    break;
                if (_active is not null && !_unflushed.IsEmpty)
                {
                    Commit(0, flush: true);
                    continue;
                }

                if (_active is not null && _writeOffset == JournalLayout.DataStart)
                {
                    _next++;
                    request.Complete(JournalFailures.TooLarge());
                    continue;
                }

                if (!OpenNext(request))
                {
                    _next++;
                    continue;
                }

                continue;
            }

            _next++;
            urgent |= request.Class != RequestClass.Outcome;
        }

        if (records == 0)
            return 0;
        new BatchHeader((ulong)_active!.Generation, first, _flushedSequence, _buffer.Length, records).Write(_buffer.Written);
        _buffer.PadTo(JournalLayout.PageSize);
        return _buffer.Length;
    }

    private Placement Place(JournalRequest request, ref int records)
    {
        int start = _buffer.Length;
        if (records == 0)
            _buffer.Reserve(JournalLayout.BatchHeaderSize);
        int recordStart = _buffer.Length;
        int partsBefore = _unflushed.Parts.Count;
        int length;
        try
        {
            _record.Begin();
            if (request.Build(_record, _index, _unflushed.Parts) == BuildResult.Nothing)
            {
                _record.Abandon();
                _buffer.Truncate(start);
                if (_unflushed.IsEmpty)
                    request.Complete(null);
                else
                    _unflushed.Members.Add(request);
                return Placement.Done;
            }

            length = _record.End((ulong)_active!.Generation, _sequence + 1);
        }
        catch (Exception e) when (e is not IOException)
        {
            // What cannot be serialised is its sender's trouble alone.
            _record.Abandon();
            _buffer.Truncate(start);
            _unflushed.Parts.RemoveRange(partsBefore, _unflushed.Parts.Count - partsBefore);
            request.Complete(e);
            return Placement.Done;
        }

        Span<JournalPart> parts = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_unflushed.Parts)[partsBefore..];
        long indexOctets = 0;
        foreach (ref readonly JournalPart part in parts)
            indexOctets += SegmentIndexBuilder.LengthOf(part);
        if (!Fits(indexOctets))
        {
            _buffer.Truncate(start);
            _unflushed.Parts.RemoveRange(partsBefore, _unflushed.Parts.Count - partsBefore);
            return Placement.NoRoom;
        }

        foreach (ref JournalPart part in parts)
        {
            part.Offset = (uint)(_writeOffset + recordStart);
            part.RecordLength = (uint)length;
            if (part.Kind == PartKind.Close)
                _index.MarkClosing(part.Id, true);
        }

        if (_unflushed.IsEmpty)
            _firstUnflushed = Stopwatch.GetTimestamp();
        _unflushed.IndexOctets += indexOctets;
        _unflushed.Members.Add(request);
        _sequence++;
        records++;
        return Placement.Done;
    }

    // With its index, and the trailer, the segment must not become longer than its file.
    private bool Fits(long added)
    {
        long index = _active!.Index!.Length + _unflushed.IndexOctets + added;
        return _writeOffset + JournalLayout.ToPage(_buffer.Length) + JournalLayout.ToPage(index) + JournalLayout.TrailerSize <= _active.File.Length;
    }

    // Begins the next segment. Its header is flushed together with its first batch: the old segment's end is beyond doubt.
    private bool OpenNext(JournalRequest request)
    {
        SegmentSupply supply = _keeper.Take(request.Class != RequestClass.NewMail, out SegmentFile? file);
        if (supply != SegmentSupply.Ready)
        {
            request.Complete(supply == SegmentSupply.Full ? JournalFailures.Full() : JournalFailures.Unavailable(_keeper.Problem));
            return false;
        }

        RetireActive();
        _active = WriteHeader(file!);
        return true;
    }

    private void RetireActive()
    {
        if (_active is not { } segment)
            return;
        _previous = _previous with { Generation = segment.Generation, End = segment.End, LastSequence = _flushedSequence };
        _active = null;
        _keeper.Retire(segment);
    }

    private JournalSegment WriteHeader(SegmentFile file)
    {
        // Until the header is written the file is the one to try again with.
        _probe = file;
        int generation = checked(++_generation);
        var header = new SegmentHeader(
            (ulong)generation, _sequence + 1, (ulong)_previous.Generation, _previous.End, _previous.LastSequence, file.Length);
        header.Write(_headerPage.Span);
        file.Writer.Write(0, _headerPage.Span);
        var segment = new JournalSegment(file, generation, header.FirstSequence, _previous.Generation)
        {
            Index = new SegmentIndexBuilder(),
            LastSequence = _flushedSequence,
        };
        _index.AddSegment(segment);
        _writeOffset = JournalLayout.DataStart;
        _probe = null;
        return segment;
    }

    // The medium failed: nothing since the last good flush counts, and nothing more goes into this segment.
    private void Abort(IOException e)
    {
        DiskLog.CommitFailed(_logger, _active?.File.Path ?? _settings.Folder, _unflushed.Members.Count, e);
        _metrics.FlushFailed();
        if (_active is { } failed && failed.End == JournalLayout.DataStart)
        {
            // Nothing in it counts, so it is begun anew, under another generation, when the medium works again.
            _index.Forget(failed);
            _probe = failed.File;
            _active = null;
        }

        RetireActive();
        foreach (JournalPart part in _unflushed.Parts)
        {
            if (part.Kind == PartKind.Close)
                _index.MarkClosing(part.Id, false);
        }

        foreach (JournalRequest member in _unflushed.Members)
            member.Complete(JournalFailures.Unavailable(e));
        _unflushed.Clear();
        _firstUnflushed = long.MaxValue;
        _retryAt = RetryTime();
        _problem = e;
    }

    // A header that can be written and flushed by itself shows that the medium works again.
    private bool TryResume()
    {
        if (Stopwatch.GetTimestamp() < _retryAt)
            return false;
        _retryAt = RetryTime();
        SegmentFile? file = _probe;
        if (file is null && _keeper.Take(useReserve: true, out file) != SegmentSupply.Ready)
            return false;
        JournalSegment? segment = null;
        try
        {
            segment = WriteHeader(file!);
            file!.Writer.Flush();
        }
        catch (IOException e)
        {
            if (segment is not null)
                _index.Forget(segment);
            _probe = file;
            _problem = e;
            return false;
        }

        _active = segment;
        _problem = null;
        DiskLog.Resumed(_logger);
        return true;
    }

    private long RetryTime() => Stopwatch.GetTimestamp() + (long)(_settings.RetryDelay.TotalSeconds * Stopwatch.Frequency);

    private void FailRest()
    {
        for (; _next < _work.Count; _next++)
            _work[_next].Complete(JournalFailures.Unavailable(_problem));
    }

    private enum Placement
    {
        Done,
        NoRoom,
    }
}
