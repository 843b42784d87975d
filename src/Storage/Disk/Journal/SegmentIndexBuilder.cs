using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>
/// Collects the index of a segment while records are added, in the form in which it will stand behind them: fixed entries, then the
/// domains that they name. The entries are kept in rented blocks, because a busy journal fills several segments a second. Used by one
/// thread at a time.
/// </summary>
internal sealed class SegmentIndexBuilder : IDisposable
{
    private const int BlockEntries = 64 * 1024 / JournalLayout.IndexEntrySize;
    private const int BlockOctets = BlockEntries * JournalLayout.IndexEntrySize;

    private readonly Dictionary<string, int> _domains = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly List<byte[]> _blocks = [];
    private int _used;
    private int _domainOctets;

    /// <summary>Octets that the index takes.</summary>
    public int Length => _used + _domainOctets;

    /// <summary>How many entries.</summary>
    public int Entries => _used / JournalLayout.IndexEntrySize;

    /// <summary>At most so many octets are added by a part.</summary>
    public static int LengthOf(in JournalPart part) =>
        JournalLayout.IndexEntrySize + (part.Domain is null ? 0 : 2 + Encoding.UTF8.GetMaxByteCount(part.Domain.Length));

    /// <summary>Adds a part that is flushed.</summary>
    public void Add(in JournalPart part)
    {
        if (_used == _blocks.Count * BlockOctets)
            _blocks.Add(ArrayPool<byte>.Shared.Rent(BlockOctets));
        Span<byte> entry = _blocks[^1].AsSpan(_used % BlockOctets, JournalLayout.IndexEntrySize);
        entry[0] = (byte)part.Kind;
        entry[1] = (byte)part.Flags;
        entry[2] = part.Urgency.Octet;
        entry[3] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(entry[4..], part.Attempts);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], part.Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], part.RecordLength);
        BinaryPrimitives.WriteUInt128BigEndian(entry[16..], part.Id.Value);
        BinaryPrimitives.WriteUInt128BigEndian(entry[32..], part.ContentId.Value);
        BinaryPrimitives.WriteInt64LittleEndian(entry[48..], part.DueTicks);
        BinaryPrimitives.WriteInt64LittleEndian(entry[56..], part.Length);
        BinaryPrimitives.WriteInt32LittleEndian(entry[64..], part.Version);
        BinaryPrimitives.WriteInt32LittleEndian(entry[68..], part.Domain is null ? -1 : OrdinalOf(part.Domain));
        _used += JournalLayout.IndexEntrySize;
    }

    /// <summary>Writes the index; <paramref name="destination"/> holds <see cref="Length"/> octets.</summary>
    public void Write(Span<byte> destination)
    {
        for (int i = 0; i < _blocks.Count; i++)
            _blocks[i].AsSpan(0, Math.Min(BlockOctets, _used - (i * BlockOctets))).CopyTo(destination[(i * BlockOctets)..]);
        int at = _used;
        foreach (string name in _names)
        {
            int octets = Encoding.UTF8.GetBytes(name, destination[(at + 2)..]);
            BinaryPrimitives.WriteUInt16LittleEndian(destination[at..], (ushort)octets);
            at += 2 + octets;
        }
    }

    /// <summary>Gives the blocks back; nothing may be added or written any more.</summary>
    public void Dispose()
    {
        foreach (byte[] block in _blocks)
            ArrayPool<byte>.Shared.Return(block);
        _blocks.Clear();
        _used = 0;
    }

    private int OrdinalOf(string domain)
    {
        if (_domains.TryGetValue(domain, out int ordinal))
            return ordinal;
        ordinal = _names.Count;
        _names.Add(domain);
        _domains.Add(domain, ordinal);
        _domainOctets += 2 + Encoding.UTF8.GetByteCount(domain);
        return ordinal;
    }
}
