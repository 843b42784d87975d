namespace SlimtaFast.Mail.Serialization;

/// <summary>
/// The delivery state, by itself and inside a head:
/// <code>
/// state     = version(varint) attempts(varint) due(time) flags(1) count(varint) *recipient
/// flags     = 1: a delay notice was queued
/// recipient = bits(1) [code(2) class(1) subject(varint) detail(varint) text(text)] [remote(text)]
/// bits      = 0-2: phase; 4: a reply follows; 8: the remote name follows
/// </code>
/// The routing domain is a section of its own behind it, as a text; absent where there is none.
/// </summary>
internal static class StateFormat
{
    /// <summary>Characters of a reply's text that are kept: what a next hop says may not grow the queue.</summary>
    public const int LongestReplyText = 1000;

    /// <summary>Characters of a remote host's name that are kept.</summary>
    public const int LongestRemoteName = 255;

    private const byte IdTag = 1;
    private const byte StateTag = 2;
    private const byte RoutingTag = 3;
    private const byte DelayNoticeFlag = 1;
    private const byte PhaseBits = 3;
    private const byte ReplyBit = 4;
    private const byte RemoteBit = 8;

    /// <summary>The most octets that a state block takes.</summary>
    public static long BoundBlock(DeliveryState state) =>
        BlockFormat.PrefixLength + BlockFormat.SuffixLength + (2 * BlockFormat.SectionPrefixLength) + 16 + Bound(state) + BoundRouting(state);

    /// <summary>The most octets that the section of the routing domain takes; 0 where there is none.</summary>
    public static long BoundRouting(DeliveryState state) =>
        state.RoutingDomain is { } domain ? BlockFormat.SectionPrefixLength + BlockWriter.Bound(domain) : 0;

    /// <summary>The most octets that the inside of a state takes.</summary>
    public static long Bound(DeliveryState state)
    {
        long bound = 5 + 5 + 8 + 1 + 5;
        IReadOnlyList<RecipientStatus> recipients = state.Recipients;
        for (int i = 0; i < recipients.Count; i++)
        {
            RecipientStatus status = recipients[i];
            bound++;
            if (!status.LastReply.IsNone)
                bound += 2 + 1 + 3 + 3 + 5 + (Math.Min(status.LastReply.Text.Length, LongestReplyText) * 3);
            if (status.RemoteName is not null)
                bound += 5 + (Math.Min(status.RemoteName.Length, LongestRemoteName) * 3);
        }

        return bound;
    }

    /// <summary>Writes a state block and tells its length.</summary>
    public static int WriteBlock(Span<byte> destination, QueueId id, DeliveryState state)
    {
        var writer = new BlockWriter(destination, BlockFormat.StateMagic);
        int section = writer.BeginSection(IdTag);
        writer.WriteId(id);
        writer.EndSection(section);
        section = writer.BeginSection(StateTag);
        Write(ref writer, state);
        writer.EndSection(section);
        WriteRouting(ref writer, RoutingTag, state);
        return writer.EndBlock();
    }

    /// <summary>Reads a state block.</summary>
    public static bool TryReadBlock(ReadOnlySpan<byte> bytes, out QueueId id, out DeliveryState? state)
    {
        id = default;
        state = null;
        if (!BlockReader.TryOpen(bytes, BlockFormat.StateMagic, out BlockReader sections))
            return false;
        bool known = false;
        string? routing = null;
        byte tag = 0;
        while (sections.TryReadSection(ref tag, out BlockReader section))
        {
            if (tag == IdTag)
            {
                id = section.ReadId();
                known = section.IsDone;
            }
            else if (tag == StateTag && !TryRead(ref section, out state))
            {
                return false;
            }
            else if (tag == RoutingTag && !TryReadRouting(ref section, out routing))
            {
                state = null;
                return false;
            }
        }

        if (known && state is not null && sections.IsDone)
        {
            if (routing is not null)
                state = state with { RoutingDomain = routing };
            return true;
        }

        id = default;
        state = null;
        return false;
    }

    /// <summary>Writes the section of the routing domain, where there is one.</summary>
    public static void WriteRouting(ref BlockWriter writer, byte tag, DeliveryState state)
    {
        if (state.RoutingDomain is null)
            return;
        int section = writer.BeginSection(tag);
        writer.WriteText(state.RoutingDomain);
        writer.EndSection(section);
    }

    /// <summary>Reads the inside of that section, through the grammar, so that no state names what an operator could not have named.</summary>
    public static bool TryReadRouting(ref BlockReader section, out string? domain)
    {
        bool isDomain = DomainNames.TryReadRoutingDomain(section.ReadText(), out string read) && section.IsDone;
        domain = isDomain ? read : null;
        if (!isDomain)
            section.Fail();
        return isDomain;
    }

    /// <summary>Writes the inside of a state.</summary>
    public static void Write(ref BlockWriter writer, DeliveryState state)
    {
        writer.WriteVarint((uint)state.Version);
        writer.WriteVarint((uint)state.Attempts);
        writer.WriteTime(state.DueAt);
        writer.WriteByte(state.DelayNoticeSent ? DelayNoticeFlag : (byte)0);
        IReadOnlyList<RecipientStatus> recipients = state.Recipients;
        writer.WriteVarint((uint)recipients.Count);
        for (int i = 0; i < recipients.Count; i++)
            WriteStatus(ref writer, recipients[i]);
    }

    /// <summary>Reads the inside of a state, of which nothing may be left over.</summary>
    public static bool TryRead(ref BlockReader reader, out DeliveryState? state)
    {
        state = null;
        int version = reader.ReadVarint();
        int attempts = reader.ReadVarint();
        DateTimeOffset due = reader.ReadTime();
        byte flags = reader.ReadByte(DelayNoticeFlag);
        int count = reader.ReadCount(1);
        if (reader.Failed)
            return false;
        var recipients = new RecipientStatus[count];
        for (int i = 0; i < recipients.Length && !reader.Failed; i++)
            recipients[i] = ReadStatus(ref reader);
        if (!reader.IsDone)
            return false;
        state = new DeliveryState
        {
            Version = version,
            Attempts = attempts,
            DueAt = due,
            DelayNoticeSent = flags != 0,
            Recipients = recipients,
        };
        return true;
    }

    private static void WriteStatus(ref BlockWriter writer, RecipientStatus status)
    {
        int bits = (byte)status.Phase;
        if (!status.LastReply.IsNone)
            bits |= ReplyBit;
        if (status.RemoteName is not null)
            bits |= RemoteBit;
        writer.WriteByte((byte)bits);
        if (!status.LastReply.IsNone)
            WriteReply(ref writer, status.LastReply);
        if (status.RemoteName is not null)
            writer.WriteText(Cut(status.RemoteName, LongestRemoteName));
    }

    private static RecipientStatus ReadStatus(ref BlockReader reader)
    {
        byte bits = reader.ReadByte(PhaseBits | ReplyBit | RemoteBit);
        var phase = (RecipientPhase)(bits & PhaseBits);
        if (phase > RecipientPhase.Failed)
            reader.Fail();
        SmtpReply reply = (bits & ReplyBit) != 0 ? ReadReply(ref reader) : default;
        string? remote = (bits & RemoteBit) != 0 ? reader.ReadText() : null;
        return new RecipientStatus(phase, reply, remote);
    }

    private static void WriteReply(ref BlockWriter writer, SmtpReply reply)
    {
        writer.WriteUInt16(reply.Code);
        writer.WriteByte(reply.Status.Class);
        writer.WriteVarint(reply.Status.Subject);
        writer.WriteVarint(reply.Status.Detail);
        writer.WriteText(Cut(reply.Text, LongestReplyText));
    }

    private static SmtpReply ReadReply(ref BlockReader reader)
    {
        int code = reader.ReadUInt16();
        var status = new EnhancedStatus(reader.ReadByte(), reader.ReadVarint16(), reader.ReadVarint16());
        string text = reader.ReadText();
        if (!reader.Failed && SmtpReply.TryCreate(code, status, text, out SmtpReply reply))
            return reply;
        reader.Fail();
        return default;
    }

    // Never between the halves of a CRLF or of a surrogate pair, which would make the text unreadable.
    private static ReadOnlySpan<char> Cut(string text, int longest)
    {
        if (text.Length <= longest)
            return text;
        char last = text[longest - 1];
        return text.AsSpan(0, last == '\r' || char.IsHighSurrogate(last) ? longest - 1 : longest);
    }
}
