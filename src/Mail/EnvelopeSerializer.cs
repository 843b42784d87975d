using System.Buffers;
using System.Buffers.Binary;
using SlimtaFast.Mail.Serialization;

namespace SlimtaFast.Mail;

/// <summary>
/// The one binary format of heads and states, which all storages and brokers use; <c>docs/envelope-format.md</c> describes it byte by
/// byte. A head is everything of an item except the octets of its content, which it names; several heads may name one content. A state
/// is the changing part by itself. Both are blocks with magic, version, total length, skippable sections, an end mark and a CRC-32C.
/// Writing allocates nothing; reading never throws and never believes a length before the octets are there. Thread-safe.
/// </summary>
public static class EnvelopeSerializer
{
    /// <summary>Octets from the start of a block that <see cref="TryGetBlockLength"/> needs.</summary>
    public const int PrefixLength = BlockFormat.PrefixLength;

    /// <summary>Writes the head of an item, its state included, in one piece.</summary>
    /// <exception cref="ArgumentException">The state does not have one entry for each recipient, its routing domain is none, or the head would exceed 64 MiB.</exception>
    public static void WriteHead(IBufferWriter<byte> output, QueueItem item)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(item);
        if (item.State.Recipients.Count != item.Envelope.Recipients.Count)
            throw new ArgumentException("A state needs one entry for each recipient of the envelope.", nameof(item));
        Check(item.State);
        Span<byte> span = output.GetSpan(CheckedBound(HeadFormat.Bound(item)));
        output.Advance(HeadFormat.Write(span, item));
    }

    /// <summary>Reads a head; false for anything that is not a whole, intact head of a known version. Never throws on input.</summary>
    public static bool TryReadHead(ReadOnlySpan<byte> bytes, out EnvelopeHead? head) => HeadFormat.TryRead(bytes, out head);

    /// <summary>
    /// Writes the state of an item by itself. Of the last replies at most 1,000 characters are kept, of remote names at most 255.
    /// </summary>
    /// <exception cref="ArgumentException">The state would exceed 64 MiB, a counter is negative, or its routing domain is none.</exception>
    public static void WriteState(IBufferWriter<byte> output, QueueId id, DeliveryState state)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(state);
        Check(state);
        Span<byte> span = output.GetSpan(CheckedBound(StateFormat.BoundBlock(state)));
        output.Advance(StateFormat.WriteBlock(span, id, state));
    }

    /// <summary>Reads a state; false for anything that is not a whole, intact state of a known version. Never throws on input.</summary>
    public static bool TryReadState(ReadOnlySpan<byte> bytes, out QueueId id, out DeliveryState? state) =>
        StateFormat.TryReadBlock(bytes, out id, out state);

    /// <summary>
    /// The length in octets of the head or state that starts here, from its first <see cref="PrefixLength"/> octets, for readers that
    /// have to fetch the rest; at most 64 MiB. False where neither starts here. Not a check: only reading the block is one.
    /// </summary>
    public static bool TryGetBlockLength(ReadOnlySpan<byte> start, out int length)
    {
        length = 0;
        if (start.Length < PrefixLength || start[4] != BlockFormat.Version)
            return false;
        if (!start.StartsWith(BlockFormat.HeadMagic) && !start.StartsWith(BlockFormat.StateMagic))
            return false;
        uint claimed = BinaryPrimitives.ReadUInt32LittleEndian(start[5..]);
        if (claimed is < PrefixLength + BlockFormat.SuffixLength or > BlockFormat.LongestBlock)
            return false;
        length = (int)claimed;
        return true;
    }

    /// <summary>The most octets that <see cref="WriteHead"/> takes for an item, and asks its buffer writer for; quick to compute.</summary>
    public static long GetHeadBound(QueueItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return HeadFormat.Bound(item);
    }

    /// <summary>The most octets that <see cref="WriteState"/> takes for a state, and asks its buffer writer for; quick to compute.</summary>
    public static long GetStateBound(DeliveryState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return StateFormat.BoundBlock(state);
    }

    private static void Check(DeliveryState state)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(state.Version);
        ArgumentOutOfRangeException.ThrowIfNegative(state.Attempts);

        // What a reader would refuse is a lost message.
        if (state.RoutingDomain is { } domain && !(DomainNames.TryReadRoutingDomain(domain, out string read) && read == domain))
            throw new ArgumentException($"'{domain}' is no routing domain in lower case.", nameof(state));
    }

    private static int CheckedBound(long bound) =>
        bound <= BlockFormat.LongestBlock ? (int)bound : throw new ArgumentException("An item of this size cannot be written.");
}
