using SlimtaFast.Mail;

namespace SlimtaFast.Storage;

/// <summary>
/// What of a message's terms decides over the order of work, in one octet, so that a storage can tell it of each item without reading it.
/// The default value is that of most messages. Immutable.
/// </summary>
public readonly record struct Urgency
{
    // Bits 0-4: the priority as a signed number; bit 5: a deadline. Journals keep the octet.
    private const int PriorityBits = 5;
    private const byte PriorityMask = (1 << PriorityBits) - 1;
    private const byte DeadlineBit = 1 << PriorityBits;

    private Urgency(byte octet) => Octet = octet;

    /// <summary>All of it, to be stored.</summary>
    public byte Octet { get; }

    /// <summary>The priority, from -9 to 9.</summary>
    public int Priority => (sbyte)(Octet << (8 - PriorityBits)) >> (8 - PriorityBits);

    /// <summary>True where the message has a deadline, at which it must be looked after even while its next hop is down.</summary>
    public bool HasDeadline => (Octet & DeadlineBit) != 0;

    /// <summary>That of a message.</summary>
    public static Urgency Of(Envelope envelope)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        if (envelope.Terms is not { } terms)
            return default;
        return new Urgency((byte)((terms.Priority & PriorityMask) | (terms.By is { IsPast: false } ? DeadlineBit : 0)));
    }

    /// <summary>Reads a stored octet. Bits that mean nothing, and priorities that do not exist, are left out: it only decides over an order.</summary>
    public static Urgency FromOctet(byte octet)
    {
        var urgency = new Urgency((byte)(octet & (PriorityMask | DeadlineBit)));
        return urgency.Priority is >= DeliveryTerms.LowestPriority and <= DeliveryTerms.HighestPriority ? urgency : new Urgency((byte)(octet & DeadlineBit));
    }
}
