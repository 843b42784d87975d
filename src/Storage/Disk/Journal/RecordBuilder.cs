using System.Buffers;
using System.Buffers.Binary;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>
/// Puts one record into a batch: all parts first, then the contents' octets. Heads and states are serialised straight into the batch, and
/// contents copied into it with the checksum that they already have. Used by one thread, one record at a time.
/// </summary>
internal sealed class RecordBuilder
{
    private readonly BatchBuffer _buffer;
    private readonly List<MessageContent> _contents = [];
    private readonly List<ReadOnlyMemory<byte>> _rawContents = [];
    private int _start;
    private int _parts;

    /// <summary>Builds into this buffer.</summary>
    public RecordBuilder(BatchBuffer buffer) => _buffer = buffer;

    /// <summary>Parts so far.</summary>
    public int Parts => _parts;

    /// <summary>Starts a record at the end of the buffer.</summary>
    public void Begin()
    {
        _contents.Clear();
        _rawContents.Clear();
        _parts = 0;
        _start = _buffer.Reserve(JournalLayout.RecordHeaderSize);
    }

    /// <summary>Adds a content whose octets are in memory, unless the record has it already.</summary>
    public void AddContent(MessageContent content)
    {
        foreach (MessageContent known in _contents)
        {
            if (known.Id == content.Id)
                return;
        }

        _contents.Add(content);
        AddContentPart(content.Id, checked((int)content.Length), content.Crc);
    }

    /// <summary>Adds a content by its octets, as an older record had them.</summary>
    public void AddRawContent(QueueId id, uint crc, ReadOnlyMemory<byte> bytes)
    {
        _rawContents.Add(bytes);
        AddContentPart(id, bytes.Length, crc);
    }

    /// <summary>Adds an item.</summary>
    public void AddHead(QueueItem item, PartFlags flags)
    {
        int at = BeginPart();
        EnvelopeSerializer.WriteHead(_buffer, item);
        EndPart(at, PartKind.Head, flags, item.Envelope.Id);
    }

    /// <summary>Adds a later state of an item.</summary>
    public void AddState(QueueId id, DeliveryState state)
    {
        int at = BeginPart();
        EnvelopeSerializer.WriteState(_buffer, id, state);
        EndPart(at, PartKind.State, PartFlags.None, id);
    }

    /// <summary>Adds a part as an older record had it, or the closing of an item, which has no payload.</summary>
    public void AddRaw(PartKind kind, PartFlags flags, QueueId id, ReadOnlySpan<byte> payload)
    {
        int at = BeginPart();
        _buffer.Append(payload);
        EndPart(at, kind, flags, id);
    }

    /// <summary>Appends the contents and the header; returns the record's length.</summary>
    public int End(ulong generation, ulong sequence)
    {
        int partsLength = _buffer.Length - _start - JournalLayout.RecordHeaderSize;
        _buffer.PadTo(8);
        foreach (MessageContent content in _contents)
        {
            if (!content.TryGetMemory(out ReadOnlySequence<byte> bytes))
                throw new InvalidOperationException("A content of a record must be in memory.");
            foreach (ReadOnlyMemory<byte> segment in bytes)
                _buffer.Append(segment.Span);
            _buffer.PadTo(8);
        }

        foreach (ReadOnlyMemory<byte> bytes in _rawContents)
        {
            _buffer.Append(bytes.Span);
            _buffer.PadTo(8);
        }

        int length = _buffer.Length - _start;
        new RecordHeader(generation, sequence, length, partsLength, _parts).Write(_buffer.Written[_start..]);
        _contents.Clear();
        _rawContents.Clear();
        return length;
    }

    /// <summary>Takes the record back.</summary>
    public void Abandon()
    {
        _contents.Clear();
        _rawContents.Clear();
        _buffer.Truncate(_start);
    }

    private void AddContentPart(QueueId id, int length, uint crc)
    {
        int at = BeginPart();
        Span<byte> payload = _buffer.GetSpan(JournalLayout.ContentPartSize);
        BinaryPrimitives.WriteInt32LittleEndian(payload, length);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[4..], crc);
        _buffer.Advance(JournalLayout.ContentPartSize);
        EndPart(at, PartKind.Content, PartFlags.None, id);
    }

    private int BeginPart() => _buffer.Reserve(JournalLayout.PartHeaderSize);

    private void EndPart(int at, PartKind kind, PartFlags flags, QueueId id)
    {
        RecordPart.WriteHeader(_buffer.Written[at..], kind, flags, id, _buffer.Length - at - JournalLayout.PartHeaderSize);
        _parts++;
    }
}
