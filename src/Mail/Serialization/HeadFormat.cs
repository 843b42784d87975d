using System.Net;
using System.Net.Sockets;

namespace SlimtaFast.Mail.Serialization;

/// <summary>
/// The head of an item: everything but the octets of its content. Sections of the block:
/// <code>
/// 1 names      = item(id) content(id) content-length(8) content-crc(4) content-traits(2)
/// 2 envelope   = received(time) body(1) flags(1) return(1) envid(optional text) reverse-path(text)
/// 3 recipients = count(varint) *( address(text) notify(1) orcpt(optional text) )
/// 4 client     = address-length(1) address [scope(4)] hello(text) host(optional text) protocol(text)
///                identity(optional text) tls(optional text) server(text)
/// 5 headers    = added header fields, octets as they are; absent where there are none
/// 6 state      = see <see cref="StateFormat"/>
/// 7 terms      = see <see cref="TermsFormat"/>; absent where nothing was asked
/// 8 routing    = domain(text); absent where the item goes the way of its recipients' domain
/// 9 trace      = see <see cref="TraceFormat"/>; absent where the message belongs to none
/// </code>
/// </summary>
internal static class HeadFormat
{
    private const byte NamesTag = 1;
    private const byte EnvelopeTag = 2;
    private const byte RecipientsTag = 3;
    private const byte ClientTag = 4;
    private const byte HeadersTag = 5;
    private const byte StateTag = 6;
    private const byte TermsTag = 7;
    private const byte RoutingTag = 8;
    private const byte TraceTag = 9;

    private const byte SmtpUtf8Flag = 1;
    private const byte AllNotify = (byte)(DsnNotify.Never | DsnNotify.Success | DsnNotify.Failure | DsnNotify.Delay);
    private const int ScopedAddressLength = 20;
    private const int SmallestRecipient = 3;

    /// <summary>The most octets that a head takes.</summary>
    public static long Bound(QueueItem item)
    {
        Envelope envelope = item.Envelope;
        ClientFacts client = envelope.Client;
        const int Fixed = BlockFormat.PrefixLength + BlockFormat.SuffixLength + (6 * BlockFormat.SectionPrefixLength)
            + 46 + 11 + 5 + 1 + ScopedAddressLength;
        long bound = Fixed + StateFormat.Bound(item.State) + StateFormat.BoundRouting(item.State) + (envelope.Terms is null ? 0 : BlockFormat.SectionPrefixLength + TermsFormat.Bound) + envelope.AddedHeaders.Length
            + (client.TraceParent is null ? 0 : BlockFormat.SectionPrefixLength + TraceFormat.Length)
            + BlockWriter.Bound(envelope.EnvelopeId) + BlockWriter.Bound(envelope.ReversePath.Address)
            + BlockWriter.Bound(client.HelloName) + BlockWriter.Bound(client.HostName) + BlockWriter.Bound(client.Protocol)
            + BlockWriter.Bound(client.Identity) + BlockWriter.Bound(client.Tls) + BlockWriter.Bound(client.ServerName);
        IReadOnlyList<Recipient> recipients = envelope.Recipients;
        for (int i = 0; i < recipients.Count; i++)
            bound += 1 + BlockWriter.Bound(recipients[i].Address.Address) + BlockWriter.Bound(recipients[i].OriginalRecipient);
        return bound;
    }

    /// <summary>Writes a head and tells its length.</summary>
    public static int Write(Span<byte> destination, QueueItem item)
    {
        Envelope envelope = item.Envelope;
        var writer = new BlockWriter(destination, BlockFormat.HeadMagic);

        int section = writer.BeginSection(NamesTag);
        writer.WriteId(envelope.Id);
        writer.WriteId(envelope.Content.Id);
        writer.WriteInt64(envelope.Content.Length);
        writer.WriteUInt32(envelope.Content.Crc);
        writer.WriteUInt16((ushort)envelope.Content.Traits);
        writer.EndSection(section);

        section = writer.BeginSection(EnvelopeTag);
        writer.WriteTime(envelope.ReceivedAt);
        writer.WriteByte((byte)envelope.Body);
        writer.WriteByte(envelope.SmtpUtf8 ? SmtpUtf8Flag : (byte)0);
        writer.WriteByte((byte)envelope.Return);
        writer.WriteOptionalText(envelope.EnvelopeId);
        writer.WriteText(envelope.ReversePath.Address);
        writer.EndSection(section);

        section = writer.BeginSection(RecipientsTag);
        WriteRecipients(ref writer, envelope.Recipients);
        writer.EndSection(section);

        section = writer.BeginSection(ClientTag);
        WriteClient(ref writer, envelope.Client);
        writer.EndSection(section);

        if (!envelope.AddedHeaders.IsEmpty)
        {
            section = writer.BeginSection(HeadersTag);
            writer.WriteBytes(envelope.AddedHeaders.Span);
            writer.EndSection(section);
        }

        section = writer.BeginSection(StateTag);
        StateFormat.Write(ref writer, item.State);
        writer.EndSection(section);

        if (envelope.Terms is { IsEmpty: false } terms)
        {
            section = writer.BeginSection(TermsTag);
            TermsFormat.Write(ref writer, terms);
            writer.EndSection(section);
        }

        StateFormat.WriteRouting(ref writer, RoutingTag, item.State);
        if (envelope.Client.TraceParent is { } trace)
            WriteTrace(ref writer, trace);

        return writer.EndBlock();
    }

    /// <summary>Reads a head.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out EnvelopeHead? head)
    {
        head = null;
        if (!BlockReader.TryOpen(bytes, BlockFormat.HeadMagic, out BlockReader sections))
            return false;
        var parts = default(HeadParts);
        byte tag = 0;
        while (sections.TryReadSection(ref tag, out BlockReader section))
        {
            bool known = true;
            switch (tag)
            {
                case NamesTag:
                    ReadNames(ref section, ref parts);
                    break;
                case EnvelopeTag:
                    ReadEnvelope(ref section, ref parts);
                    break;
                case RecipientsTag:
                    parts.Recipients = ReadRecipients(ref section);
                    break;
                case ClientTag:
                    parts.Client = ReadClient(ref section);
                    break;
                case HeadersTag:
                    parts.AddedHeaders = section.ReadRest().ToArray();
                    break;
                case StateTag:
                    StateFormat.TryRead(ref section, out parts.State);
                    break;
                case TermsTag:
                    parts.Terms = TermsFormat.Read(ref section);
                    break;
                case RoutingTag:
                    StateFormat.TryReadRouting(ref section, out parts.RoutingDomain);
                    break;
                case TraceTag:
                    parts.TraceParent = TraceFormat.Read(ref section);
                    break;
                default:
                    known = false;
                    break;
            }

            if (known && !section.IsDone)
                return false;
        }

        return sections.IsDone && parts.TryBuild(out head);
    }

    private static void ReadNames(ref BlockReader reader, ref HeadParts parts)
    {
        parts.ItemId = reader.ReadId();
        parts.ContentId = reader.ReadId();
        parts.ContentLength = reader.ReadInt64();
        parts.ContentCrc = reader.ReadUInt32();
        parts.ContentTraits = (ContentTraits)reader.ReadUInt16();
        if (parts.ContentLength < 0)
            reader.Fail();
        parts.HasNames = true;
    }

    private static void ReadEnvelope(ref BlockReader reader, ref HeadParts parts)
    {
        parts.ReceivedAt = reader.ReadTime();
        parts.Body = (BodyType)reader.ReadByte((byte)BodyType.BinaryMime);
        parts.SmtpUtf8 = reader.ReadByte(SmtpUtf8Flag) != 0;
        parts.Return = (DsnReturn)reader.ReadByte((byte)DsnReturn.Headers);
        parts.EnvelopeId = reader.ReadOptionalText();
        parts.ReversePath = ReadMailbox(ref reader);
        parts.HasEnvelope = true;
    }

    private static void WriteRecipients(ref BlockWriter writer, IReadOnlyList<Recipient> recipients)
    {
        writer.WriteVarint((uint)recipients.Count);
        for (int i = 0; i < recipients.Count; i++)
        {
            Recipient recipient = recipients[i];
            writer.WriteText(recipient.Address.Address);
            writer.WriteByte((byte)recipient.Notify);
            writer.WriteOptionalText(recipient.OriginalRecipient);
        }
    }

    private static Recipient[]? ReadRecipients(ref BlockReader reader)
    {
        int count = reader.ReadCount(SmallestRecipient);
        var recipients = new Recipient[count];
        for (int i = 0; i < recipients.Length; i++)
        {
            recipients[i] = new Recipient(ReadMailbox(ref reader), (DsnNotify)reader.ReadByte(AllNotify), reader.ReadOptionalText());
            if (reader.Failed)
                return null;
        }

        return recipients;
    }

    private static void WriteClient(ref BlockWriter writer, ClientFacts client)
    {
        WriteAddress(ref writer, client.Address);
        writer.WriteText(client.HelloName);
        writer.WriteOptionalText(client.HostName);
        writer.WriteText(client.Protocol);
        writer.WriteOptionalText(client.Identity);
        writer.WriteOptionalText(client.Tls);
        writer.WriteText(client.ServerName);
    }

    private static ClientFacts ReadClient(ref BlockReader reader) => new()
    {
        Address = ReadAddress(ref reader),
        HelloName = reader.ReadText(),
        HostName = reader.ReadOptionalText(),
        Protocol = reader.ReadText(),
        Identity = reader.ReadOptionalText(),
        Tls = reader.ReadOptionalText(),
        ServerName = reader.ReadText(),
    };

    private static void WriteTrace(ref BlockWriter writer, string trace)
    {
        Span<byte> octets = stackalloc byte[TraceFormat.Length];
        if (!TraceFormat.TryParse(trace, octets))
            return;
        int section = writer.BeginSection(TraceTag);
        writer.WriteBytes(octets);
        writer.EndSection(section);
    }

    // 0, 4, 16, or 20 octets: the last is IPv6 with its scope behind it.
    private static void WriteAddress(ref BlockWriter writer, IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address is null || !address.TryWriteBytes(bytes, out int length))
        {
            writer.WriteByte(0);
            return;
        }

        long scope = address.AddressFamily == AddressFamily.InterNetworkV6 ? address.ScopeId : 0;
        writer.WriteByte((byte)(scope == 0 ? length : ScopedAddressLength));
        writer.WriteBytes(bytes[..length]);
        if (scope != 0)
            writer.WriteUInt32((uint)scope);
    }

    private static IPAddress? ReadAddress(ref BlockReader reader)
    {
        byte length = reader.ReadByte();
        ReadOnlySpan<byte> bytes = reader.ReadBytes(Math.Min(length, (byte)16));
        if (!reader.Failed)
        {
            switch (length)
            {
                case 0:
                    return null;
                case 4 or 16:
                    return new IPAddress(bytes);
                case ScopedAddressLength:
                    return new IPAddress(bytes, reader.ReadUInt32());
            }
        }

        reader.Fail();
        return null;
    }

    // Through the grammar, so that no address holds what could not have come in by SMTP.
    private static Mailbox ReadMailbox(ref BlockReader reader)
    {
        ReadOnlySpan<byte> text = reader.ReadTextBytes();
        if (text.IsEmpty)
            return Mailbox.Null;
        if (!Mailbox.TryParse(text, out Mailbox mailbox))
            reader.Fail();
        return mailbox;
    }
}
