namespace SlimtaFast.Mail.Serialization;

/// <summary>
/// What the sender asked of the delivery in time, inside a head:
/// <code>
/// terms = flags(1) [hold-until(time)] [deadline(time)] [priority(1)]
/// flags = 1: hold-until; 2: deadline; 4: by-mode R; 8: by-trace; 16: the deadline was over on arrival; 32: priority
/// </code>
/// </summary>
internal static class TermsFormat
{
    /// <summary>The most octets that the inside of the section takes.</summary>
    public const int Bound = 1 + 8 + 8 + 1;

    private const byte HoldFlag = 1;
    private const byte DeadlineFlag = 2;
    private const byte ReturnFlag = 4;
    private const byte TraceFlag = 8;
    private const byte PastFlag = 16;
    private const byte PriorityFlag = 32;
    private const byte OnlyWithDeadline = ReturnFlag | TraceFlag | PastFlag;
    private const byte AllFlags = HoldFlag | DeadlineFlag | OnlyWithDeadline | PriorityFlag;

    // A priority stands as an unsigned octet.
    private const int PriorityBias = -DeliveryTerms.LowestPriority;

    /// <summary>Writes terms that are not empty.</summary>
    public static void Write(ref BlockWriter writer, DeliveryTerms terms)
    {
        int flags = terms.HoldUntil is null ? 0 : HoldFlag;
        if (terms.By is { } by)
        {
            flags |= DeadlineFlag | (by.Mode == DeliverByMode.Return ? ReturnFlag : 0);
            flags |= (by.Trace ? TraceFlag : 0) | (by.IsPast ? PastFlag : 0);
        }

        writer.WriteByte((byte)(flags | (terms.Priority == 0 ? 0 : PriorityFlag)));
        if (terms.HoldUntil is { } until)
            writer.WriteTime(until);
        if (terms.By is not null)
            writer.WriteTime(terms.By.Deadline);
        if (terms.Priority != 0)
            writer.WriteByte((byte)(terms.Priority + PriorityBias));
    }

    /// <summary>Reads the inside of the section; null where it does not fit, which the reader then knows.</summary>
    public static DeliveryTerms? Read(ref BlockReader reader)
    {
        byte flags = reader.ReadByte(AllFlags);
        bool hasDeadline = (flags & DeadlineFlag) != 0;
        if ((flags & (HoldFlag | DeadlineFlag | PriorityFlag)) == 0 || (!hasDeadline && (flags & OnlyWithDeadline) != 0))
            reader.Fail();
        DateTimeOffset? until = (flags & HoldFlag) != 0 ? reader.ReadTime() : null;
        DeliverBy? by = hasDeadline
            ? new DeliverBy(
                reader.ReadTime(),
                (flags & ReturnFlag) != 0 ? DeliverByMode.Return : DeliverByMode.Notify,
                (flags & TraceFlag) != 0,
                (flags & PastFlag) != 0)
            : null;
        int priority = (flags & PriorityFlag) != 0 ? reader.ReadByte(2 * PriorityBias) - PriorityBias : 0;
        if ((flags & PriorityFlag) != 0 && priority == 0)
            reader.Fail();
        return reader.Failed ? null : new DeliveryTerms { HoldUntil = until, By = by, Priority = priority };
    }
}
