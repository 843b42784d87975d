using System.Buffers;
using System.Buffers.Text;
using System.Text;
using SlimtaFast.Mail;

namespace SlimtaFast.Protocol.Client;

/// <summary>
/// Writes commands with the parameters that the server's extensions allow (RFC 5321 section 4.1.1). Addresses come from
/// <see cref="Mailbox"/>, whose grammar lets no control character through, and values are xtext: nothing can break out of its line.
/// </summary>
internal static class ClientCommandWriter
{
    // What a header of another protocol may tell; the size is told there by other means.
    private static readonly SmtpExtensions AllExtensions =
        SmtpExtensions.Parse(new SmtpReply(250, default(EnhancedStatus), "all\r\n8BITMIME\r\nDSN\r\nDELIVERBY\r\nMT-PRIORITY"));

    // Verb, SIZE, BODY, SMTPUTF8, RET, ENVID, BY and MT-PRIORITY, without what stands in them at any length.
    private const int Fixed = 160;

    /// <summary>Writes a verb, a space, and our name, whose characters outside printable ASCII are left out.</summary>
    public static void WriteHello(IBufferWriter<byte> output, ReadOnlySpan<byte> verb, string name)
    {
        Span<byte> line = output.GetSpan(verb.Length + name.Length + 3);
        int at = Put(line, 0, verb);
        line[at++] = (byte)' ';
        foreach (char c in name)
        {
            if (c is > ' ' and <= '~')
                line[at++] = (byte)c;
        }

        output.Advance(Put(line, at, "\r\n"u8));
    }

    /// <summary>Writes STARTTLS (RFC 3207).</summary>
    public static void WriteStartTls(IBufferWriter<byte> output) => output.Write("STARTTLS\r\n"u8);

    /// <summary>
    /// <code>
    /// "MAIL FROM:" Reverse-path [SP "SIZE=" n] [SP "BODY=" type] [SP "SMTPUTF8"] [SP "RET=" how] [SP "ENVID=" xtext]
    ///              [SP "BY=" seconds ";" mode ["T"]] [SP "MT-PRIORITY=" n] CRLF
    /// </code>
    /// </summary>
    public static void WriteMail(IBufferWriter<byte> output, Envelope envelope, SmtpExtensions extensions, bool smtpUtf8, TimeProvider time)
    {
        string address = GetAddress(envelope.ReversePath, smtpUtf8);
        int bound = Fixed + (address.Length * 3) + (envelope.EnvelopeId is null ? 0 : XtextEncoder.GetMaxLength(envelope.EnvelopeId));
        Span<byte> line = output.GetSpan(bound);
        int at = Put(line, 0, "MAIL FROM:<"u8);
        at += Encoding.UTF8.GetBytes(address, line[at..]);
        at = PutMailParameters(line, Put(line, at, ">"u8), envelope, extensions, smtpUtf8, time);
        output.Advance(Put(line, at, "\r\n"u8));
    }

    /// <summary>The parameters of MAIL alone, all that the envelope has a use for, without a space in front; empty where it has none.</summary>
    public static string FormatMailParameters(Envelope envelope, bool smtpUtf8, TimeProvider time)
    {
        byte[] line = new byte[Fixed + (envelope.EnvelopeId is null ? 0 : XtextEncoder.GetMaxLength(envelope.EnvelopeId))];
        return Encoding.ASCII.GetString(line, 0, PutMailParameters(line, 0, envelope, AllExtensions, smtpUtf8, time)).TrimStart(' ');
    }

    /// <summary>The parameters of RCPT alone, in ASCII whatever the addresses are; empty where it has none.</summary>
    public static string FormatRecipientParameters(Recipient recipient)
    {
        byte[] line = new byte[Fixed + (recipient.OriginalRecipient is null ? 0 : XtextEncoder.GetMaxLength(recipient.OriginalRecipient))];
        int at = PutNotify(line, 0, recipient.Notify);
        at = PutOriginalRecipient(line, at, recipient.OriginalRecipient, smtpUtf8: false, inHex: true);
        return Encoding.ASCII.GetString(line, 0, at).TrimStart(' ');
    }

    private static int PutMailParameters(Span<byte> line, int at, Envelope envelope, SmtpExtensions extensions, bool smtpUtf8, TimeProvider time)
    {
        if (extensions.Size)
        {
            at = Put(line, at, " SIZE="u8);
            at = PutNumber(line, at, envelope.Length);
        }

        if (NeedsBinary(envelope))
            at = Put(line, at, " BODY=BINARYMIME"u8);
        else if (extensions.EightBitMime && (envelope.Body == BodyType.EightBitMime || (envelope.Content.Traits & ContentTraits.EightBit) != 0))
            at = Put(line, at, " BODY=8BITMIME"u8);
        if (smtpUtf8)
            at = Put(line, at, " SMTPUTF8"u8);
        if (extensions.Dsn)
            at = PutDsn(line, at, envelope);
        return envelope.Terms is null ? at : PutTerms(line, at, envelope.Terms, extensions, time);
    }

    /// <summary><code>"RCPT TO:" Forward-path [SP "NOTIFY=" when] [SP "ORCPT=" type ";" xtext] CRLF</code></summary>
    public static void WriteRecipient(IBufferWriter<byte> output, Recipient recipient, SmtpExtensions extensions, bool smtpUtf8)
    {
        string address = GetAddress(recipient.Address, smtpUtf8);
        int bound = Fixed + (address.Length * 3) + (recipient.OriginalRecipient is null ? 0 : XtextEncoder.GetMaxLength(recipient.OriginalRecipient));
        Span<byte> line = output.GetSpan(bound);
        int at = Put(line, 0, "RCPT TO:<"u8);
        at += Encoding.UTF8.GetBytes(address, line[at..]);
        at = Put(line, at, ">"u8);
        if (extensions.Dsn)
        {
            at = PutNotify(line, at, recipient.Notify);
            at = PutOriginalRecipient(line, at, recipient.OriginalRecipient, smtpUtf8);
        }

        output.Advance(Put(line, at, "\r\n"u8));
    }

    /// <summary><code>"BDAT" SP octets SP "LAST" CRLF</code></summary>
    public static void WriteLastChunk(IBufferWriter<byte> output, long octets)
    {
        Span<byte> line = output.GetSpan(40);
        int at = PutNumber(line, Put(line, 0, "BDAT "u8), octets);
        output.Advance(Put(line, at, " LAST\r\n"u8));
    }

    /// <summary><code>"QUIT" CRLF</code></summary>
    public static void WriteQuit(IBufferWriter<byte> output) => output.Write("QUIT\r\n"u8);

    /// <summary>True where only BDAT with BODY=BINARYMIME may carry the content (RFC 3030 section 3).</summary>
    public static bool NeedsBinary(Envelope envelope) =>
        envelope.Body == BodyType.BinaryMime || (envelope.Content.Traits & ContentTraits.BareLineEnd) != 0;

    // Without SMTPUTF8 a domain goes by its A-labels; that there are some was checked before (RFC 6531 section 3.2).
    private static string GetAddress(Mailbox mailbox, bool smtpUtf8) =>
        !smtpUtf8 && mailbox.NeedsUtf8 && mailbox.TryToAscii(out Mailbox ascii) ? ascii.Address : mailbox.Address;

    private static int PutTerms(Span<byte> line, int at, DeliveryTerms terms, SmtpExtensions extensions, TimeProvider time)
    {
        if (extensions.DeliverBy && terms.By is { } by)
        {
            at = PutNumber(line, Put(line, at, " BY="u8), by.GetSecondsLeft(time.GetUtcNow()));
            at = Put(line, at, by.Mode == DeliverByMode.Return ? ";R"u8 : ";N"u8);
            if (by.Trace)
                at = Put(line, at, "T"u8);
        }

        return extensions.MtPriority && terms.Priority != 0 ? PutNumber(line, Put(line, at, " MT-PRIORITY="u8), terms.Priority) : at;
    }

    private static int PutDsn(Span<byte> line, int at, Envelope envelope)
    {
        if (envelope.Return != DsnReturn.Unspecified)
            at = Put(line, at, envelope.Return == DsnReturn.Full ? " RET=FULL"u8 : " RET=HDRS"u8);
        if (string.IsNullOrEmpty(envelope.EnvelopeId))
            return at;
        at = Put(line, at, " ENVID="u8);
        return at + XtextEncoder.Encode(envelope.EnvelopeId, line[at..]);
    }

    private static int PutNotify(Span<byte> line, int at, DsnNotify notify)
    {
        if (notify == DsnNotify.Unspecified)
            return at;
        if ((notify & DsnNotify.Never) != 0)
            return Put(line, at, " NOTIFY=NEVER"u8);
        int start = Put(line, at, " NOTIFY="u8);
        at = start;
        if ((notify & DsnNotify.Success) != 0)
            at = Put(line, at, "SUCCESS"u8);
        if ((notify & DsnNotify.Failure) != 0)
            at = Put(line, at, at > start ? ",FAILURE"u8 : "FAILURE"u8);
        if ((notify & DsnNotify.Delay) != 0)
            at = Put(line, at, at > start ? ",DELAY"u8 : "DELAY"u8);
        return at;
    }

    private static int PutOriginalRecipient(Span<byte> line, int at, string? original, bool smtpUtf8, bool inHex = false)
    {
        int semicolon = original is null ? -1 : original.IndexOf(';', StringComparison.Ordinal);
        if (semicolon <= 0)
            return at;
        ReadOnlySpan<char> type = original.AsSpan(0, semicolon);
        if (type.ContainsAnyExceptInRange('-', 'z') || type.ContainsAny(';', '='))
            return at;
        at = Put(line, at, " ORCPT="u8);
        at += Encoding.ASCII.GetBytes(type, line[at..]);
        at = Put(line, at, ";"u8);
        ReadOnlySpan<char> address = original.AsSpan(semicolon + 1);
        return at + (!inHex && type.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            ? XtextEncoder.EncodeUtf8Address(address, smtpUtf8, line[at..])
            : XtextEncoder.Encode(address, line[at..]));
    }

    private static int Put(Span<byte> line, int at, ReadOnlySpan<byte> text)
    {
        text.CopyTo(line[at..]);
        return at + text.Length;
    }

    private static int PutNumber(Span<byte> line, int at, long number)
    {
        _ = Utf8Formatter.TryFormat(number, line[at..], out int written);
        return at + written;
    }
}
