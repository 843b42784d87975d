using System.Buffers.Binary;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>
/// The end of a <c>.env</c> file. The file is a content, or nothing; then a head, or nothing; then this. Standing last it is also the
/// proof that the file is whole, and a content can be written as it arrives. docs/spool-format.md shows it byte by byte.
/// </summary>
internal readonly record struct SpoolTrailer
{
    /// <summary>Octets that it takes.</summary>
    public const int Size = 72;

    private const ushort FormatVersion = 1;
    private const ushort HasContentFlag = 1;
    private const int ChecksumAt = 64;

    /// <summary>The id in the file's name: the item, or the content where there is no head.</summary>
    public required QueueId Name { get; init; }

    /// <summary>True where the content is in this file.</summary>
    public bool HasContent { get; init; }

    /// <summary>The content's name, also where it is in another file.</summary>
    public required QueueId ContentId { get; init; }

    /// <summary>Octets of the content.</summary>
    public required long ContentLength { get; init; }

    /// <summary>CRC-32C of the content.</summary>
    public required uint ContentCrc { get; init; }

    /// <summary>What was seen in the content.</summary>
    public required ContentTraits ContentTraits { get; init; }

    /// <summary>Octets of the head; 0 where there is none.</summary>
    public int HeadLength { get; init; }

    /// <summary>Where the head begins.</summary>
    public long HeadOffset => HasContent ? ContentLength : 0;

    /// <summary>The trailer of a file with a content.</summary>
    public static SpoolTrailer For(QueueId name, MessageContent content, bool hasContent, int headLength) => new()
    {
        Name = name,
        HasContent = hasContent,
        ContentId = content.Id,
        ContentLength = content.Length,
        ContentCrc = content.Crc,
        ContentTraits = content.Traits,
        HeadLength = headLength,
    };

    private static ReadOnlySpan<byte> Magic => "SFSPOOL\n"u8;

    private static ReadOnlySpan<byte> EndMark => "END\n"u8;

    /// <summary>Writes the octets.</summary>
    public void Write(Span<byte> to)
    {
        Magic.CopyTo(to);
        BinaryPrimitives.WriteUInt16LittleEndian(to[8..], FormatVersion);
        BinaryPrimitives.WriteUInt16LittleEndian(to[10..], HasContent ? HasContentFlag : (ushort)0);
        BinaryPrimitives.WriteInt32LittleEndian(to[12..], HeadLength);
        BinaryPrimitives.WriteUInt128BigEndian(to[16..], Name.Value);
        BinaryPrimitives.WriteUInt128BigEndian(to[32..], ContentId.Value);
        BinaryPrimitives.WriteInt64LittleEndian(to[48..], ContentLength);
        BinaryPrimitives.WriteUInt32LittleEndian(to[56..], ContentCrc);
        BinaryPrimitives.WriteUInt16LittleEndian(to[60..], (ushort)ContentTraits);
        to[62..ChecksumAt].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(to[ChecksumAt..], Crc32C.Compute(to[..ChecksumAt]));
        EndMark.CopyTo(to[(ChecksumAt + 4)..]);
    }

    /// <summary>Reads the last octets of a file; false unless they are a trailer that fits the file's length.</summary>
    public static bool TryRead(ReadOnlySpan<byte> last, long fileLength, out SpoolTrailer trailer)
    {
        trailer = default;
        if (last.Length < Size)
            return false;
        last = last[^Size..];
        if (!last.StartsWith(Magic)
            || !last.EndsWith(EndMark)
            || BinaryPrimitives.ReadUInt32LittleEndian(last[ChecksumAt..]) != Crc32C.Compute(last[..ChecksumAt])
            || BinaryPrimitives.ReadUInt16LittleEndian(last[8..]) != FormatVersion)
        {
            return false;
        }

        trailer = new SpoolTrailer
        {
            HasContent = (BinaryPrimitives.ReadUInt16LittleEndian(last[10..]) & HasContentFlag) != 0,
            HeadLength = BinaryPrimitives.ReadInt32LittleEndian(last[12..]),
            Name = new QueueId(BinaryPrimitives.ReadUInt128BigEndian(last[16..])),
            ContentId = new QueueId(BinaryPrimitives.ReadUInt128BigEndian(last[32..])),
            ContentLength = BinaryPrimitives.ReadInt64LittleEndian(last[48..]),
            ContentCrc = BinaryPrimitives.ReadUInt32LittleEndian(last[56..]),
            ContentTraits = (ContentTraits)BinaryPrimitives.ReadUInt16LittleEndian(last[60..]),
        };
        long expected = fileLength - Size - trailer.HeadLength;
        return trailer.HeadLength >= 0 && trailer.ContentLength >= 0 && trailer.HeadOffset == expected;
    }
}
