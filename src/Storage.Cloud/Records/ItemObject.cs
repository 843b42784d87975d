using System.Buffers;
using System.Text.Json;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Cloud.Records;

/// <summary>An item's object: the first record as a line, the head, and the octets of a content that is not an object of its own. Immutable.</summary>
/// <param name="Record">The record that the item was written with.</param>
/// <param name="Head">The head.</param>
/// <param name="Body">What follows the head.</param>
internal sealed record ItemObject(ItemRecord Record, EnvelopeHead Head, ReadOnlyMemory<byte> Body)
{
    private const byte LineEnd = (byte)'\n';

    /// <summary>Makes the octets.</summary>
    public static ReadOnlyMemory<byte> Write(ItemRecord record, QueueItem item, ReadOnlyMemory<byte> body)
    {
        var buffer = new ArrayBufferWriter<byte>((int)Math.Min(EnvelopeSerializer.GetHeadBound(item) + 512 + body.Length, 1024 * 1024));
        WriteRecord(buffer, record);
        buffer.Write([LineEnd]);
        EnvelopeSerializer.WriteHead(buffer, item);
        buffer.Write(body.Span);
        return buffer.WrittenMemory;
    }

    /// <summary>Makes the octets of a record by itself.</summary>
    public static ReadOnlyMemory<byte> Write(ItemRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        WriteRecord(buffer, record);
        return buffer.WrittenMemory;
    }

    /// <summary>Reads the record that stands by itself, or in the first line; null where there is none.</summary>
    public static ItemRecord? ReadRecord(ReadOnlyMemory<byte> bytes)
    {
        int end = bytes.Span.IndexOf(LineEnd);
        try
        {
            return JsonSerializer.Deserialize((end < 0 ? bytes : bytes[..end]).Span, RecordJson.Default.ItemRecord);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads an item's object; null for anything else.</summary>
    public static ItemObject? Read(ReadOnlyMemory<byte> bytes)
    {
        int end = bytes.Span.IndexOf(LineEnd);
        if (end < 0 || ReadRecord(bytes) is not { } record)
            return null;
        ReadOnlyMemory<byte> rest = bytes[(end + 1)..];
        if (!EnvelopeSerializer.TryGetBlockLength(rest.Span, out int length) || length > rest.Length)
            return null;
        return EnvelopeSerializer.TryReadHead(rest.Span[..length], out EnvelopeHead? head) ? new ItemObject(record, head!, rest[length..]) : null;
    }

    private static void WriteRecord(ArrayBufferWriter<byte> buffer, ItemRecord record)
    {
        using var writer = new Utf8JsonWriter(buffer);
        JsonSerializer.Serialize(writer, record, RecordJson.Default.ItemRecord);
    }
}
