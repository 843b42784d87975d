using MimeKit;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace SlimtaFast.Relay.Conversion;

/// <summary>
/// Makes a message fit for a next hop that takes 7-bit lines only (RFC 6152 section 3): bodies of more are encoded anew as
/// quoted-printable or base64. Headers stay as they are, so a message whose headers need more cannot be helped.
/// </summary>
internal static class MessageConverter
{
    /// <summary>
    /// Parts within parts that are converted. Reading, encoding and writing all go down by recursion, and each level's boundary is compared
    /// with every line; what lies deeper is handed on by the parser as one part, which RFC 2045 section 6.4 forbids to encode.
    /// </summary>
    public const int Deepest = 100;

    private static readonly EnhancedStatus NeedsConversion = new(5, 6, 3);

    private static readonly SmtpReply HeadersNeedUtf8 = new(553, "5.6.7", "The message's headers need SMTPUTF8, which the next hop does not offer");

    /// <summary>None where the message may go as it is; otherwise why not.</summary>
    public static ValueTask<SmtpReply> CheckAsync(
        SmtpClientSession session, Envelope envelope, IReadOnlyList<Recipient> recipients, CancellationToken cancellationToken)
    {
        SmtpReply refusal = session.CheckSendable(envelope, recipients);
        // An internationalized message (RFC 6532) may go to a hop without SMTPUTF8 only where it made no use of that.
        if (envelope.SmtpUtf8 && !session.Extensions.SmtpUtf8 && (envelope.Content.Traits & ContentTraits.EightBit) != 0 && refusal.Code is 0 or 554)
            return CheckHeadersAsync(envelope, refusal, cancellationToken);
        return ValueTask.FromResult(refusal);
    }

    /// <summary>True where the refusal is one that conversion may lift.</summary>
    public static bool CanHelp(SmtpReply refusal, Envelope envelope, long limit) =>
        refusal.Code == 554 && refusal.Status == NeedsConversion && envelope.Content.Length <= limit;

    /// <summary>
    /// The envelope with a converted content of its own, which the caller releases; null where the message cannot be read as MIME (in a
    /// time in proportion to its length), is nested too deeply, or is still not 7-bit afterwards.
    /// </summary>
    public static async ValueTask<Envelope?> ConvertAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        // Parsing and encoding a large message takes long enough to hold up a reactor's other sessions.
        byte[]? converted = await Task.Run(() => EncodeAsync(envelope.Content, cancellationToken), cancellationToken);
        if (converted is null)
            return null;
        ContentTraits traits = ContentTraitsReader.Read(converted);
        if ((traits & (ContentTraits.EightBit | ContentTraits.BareLineEnd)) != 0)
            return null;
        using var writer = new PooledContentWriter(envelope.Content.Id, int.MaxValue, null, static _ => throw new InvalidOperationException("A converted message stays in memory."));
        await writer.WriteAsync(converted, cancellationToken);
        return envelope with { Content = await writer.CompleteAsync(traits, cancellationToken), Body = BodyType.SevenBit };
    }

    private static async ValueTask<SmtpReply> CheckHeadersAsync(Envelope envelope, SmtpReply refusal, CancellationToken cancellationToken) =>
        await HeaderSection.HasEightBitAsync(envelope.Content, cancellationToken) ? HeadersNeedUtf8 : refusal;

    private static async Task<byte[]?> EncodeAsync(MessageContent content, CancellationToken cancellationToken)
    {
        try
        {
            using var stream = new ContentStream(content);
            ParserOptions options = ParserOptions.Default.Clone();
            options.MaxMimeDepth = Deepest;
            var parser = new MimeParser(options, stream, MimeFormat.Entity);
            parser.MimeEntityBegin += (_, begin) => stream.IsInBody = begin.Entity is MimePart;
            parser.MimeEntityEnd += (_, _) => stream.IsInBody = false;
            using MimeMessage message = await parser.ParseMessageAsync(cancellationToken).ConfigureAwait(false);
            if (IsTooDeep(message.Body, 0))
                return null;
            message.Prepare(EncodingConstraint.SevenBit);
            FormatOptions format = FormatOptions.Default.Clone();
            format.NewLineFormat = NewLineFormat.Dos;
            format.EnsureNewLine = true;
            using var target = new MemoryStream();
            await message.WriteToAsync(format, target, cancellationToken).ConfigureAwait(false);
            return target.ToArray();
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static bool IsTooDeep(MimeEntity? entity, int depth) => entity switch
    {
        Multipart parts => parts.Any(part => IsTooDeep(part, depth + 1)),
        MessagePart part => IsTooDeep(part.Message?.Body, depth + 1),
        { ContentType: var type } => depth >= Deepest && (type.IsMimeType("multipart", "*") || type.IsMimeType("message", "*")),
        _ => false,
    };
}
