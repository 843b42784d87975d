using System.Buffers;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Journal;
using SlimtaFast.Storage.Disk.Spool;

namespace SlimtaFast.Storage.Disk.Reading;

/// <summary>
/// A content of the journal that is read piece by piece. It keeps its segment from being overwritten. Whoever reads it from start to end
/// is told of damage before the last octets are handed out, so that nobody sends it as whole.
/// </summary>
internal sealed class JournalContent : MessageContent
{
    private readonly StorageIndex _index;
    private readonly DiskWorkers _workers;
    private readonly JournalSegment _segment;
    private readonly long _start;
    private readonly Lock _gate = new();
    private long _checkedTo;
    private uint _runningCrc;

    /// <summary>Takes over one pin of the segment.</summary>
    public JournalContent(
        QueueId id, long length, uint crc, ContentTraits traits, StorageIndex index, DiskWorkers workers, JournalSegment segment, long start)
        : base(id, length, crc, traits)
    {
        _index = index;
        _workers = workers;
        _segment = segment;
        _start = start;
    }

    /// <inheritdoc/>
    public override bool TryGetMemory(out ReadOnlySequence<byte> bytes)
    {
        bytes = default;
        return false;
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int count = (int)Math.Clamp(Length - offset, 0, buffer.Length);
        if (count == 0)
            return ValueTask.FromResult(0);
        return new Job(this, offset, buffer[..count]).StartAsync(_workers);
    }

    /// <inheritdoc/>
    protected override void Free() => _index.Unpin(_segment);

    private int Read(long offset, Span<byte> buffer)
    {
        int read = _segment.File.Reader.Read(_start + offset, buffer);
        if (read < buffer.Length)
            throw new DamagedException($"{_segment.File.Path} ends within a content.");
        lock (_gate)
        {
            if (offset <= _checkedTo && offset + read > _checkedTo)
            {
                _runningCrc = Crc32C.Append(_runningCrc, buffer[(int)(_checkedTo - offset)..]);
                _checkedTo = offset + read;
            }

            if (_checkedTo == Length && _runningCrc != Crc)
                throw new DamagedException($"Content {Id} in {_segment.File.Path} is damaged.");
        }

        return read;
    }

    private sealed class Job(JournalContent content, long offset, Memory<byte> buffer) : DiskOperation<int>
    {
        protected override int Execute() => content.Read(offset, buffer.Span);
    }
}
