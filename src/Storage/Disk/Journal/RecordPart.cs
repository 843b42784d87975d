using System.Buffers.Binary;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>One part of a record as it stands there: 24 octets of header and its payload.</summary>
internal readonly ref struct RecordPart
{
    private RecordPart(PartKind kind, PartFlags flags, QueueId id, ReadOnlySpan<byte> payload)
    {
        Kind = kind;
        Flags = flags;
        Id = id;
        Payload = payload;
    }

    /// <summary>What it holds.</summary>
    public PartKind Kind { get; }

    /// <summary>Details.</summary>
    public PartFlags Flags { get; }

    /// <summary>The item or, for a content, the content.</summary>
    public QueueId Id { get; }

    /// <summary>The serialised head or state, a content's length and checksum, or nothing.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Of a content part, how many octets the content has.</summary>
    public int ContentLength => BinaryPrimitives.ReadInt32LittleEndian(Payload);

    /// <summary>Of a content part, the checksum of the content.</summary>
    public uint ContentCrc => BinaryPrimitives.ReadUInt32LittleEndian(Payload[4..]);

    /// <summary>Writes a part's header.</summary>
    public static void WriteHeader(Span<byte> destination, PartKind kind, PartFlags flags, QueueId id, int payloadLength)
    {
        destination[0] = (byte)kind;
        destination[1] = (byte)flags;
        destination[2] = destination[3] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(destination[4..], payloadLength);
        BinaryPrimitives.WriteUInt128BigEndian(destination[8..], id.Value);
    }

    /// <summary>Takes the next part off a record's parts; false at their end and where they are malformed.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> parts, out RecordPart part)
    {
        part = default;
        if (parts.Length < JournalLayout.PartHeaderSize)
            return false;
        var kind = (PartKind)parts[0];
        int length = BinaryPrimitives.ReadInt32LittleEndian(parts[4..]);
        if (length < 0 || length > parts.Length - JournalLayout.PartHeaderSize)
            return false;
        if (kind == PartKind.Content && length != JournalLayout.ContentPartSize)
            return false;
        part = new RecordPart(
            kind,
            (PartFlags)parts[1],
            new QueueId(BinaryPrimitives.ReadUInt128BigEndian(parts[8..])),
            parts.Slice(JournalLayout.PartHeaderSize, length));
        parts = parts[(JournalLayout.PartHeaderSize + length)..];
        return true;
    }
}
