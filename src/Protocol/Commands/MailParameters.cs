using System.Buffers.Text;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Commands;

/// <summary>
/// The parameters of MAIL: SIZE (RFC 1870), BODY (RFC 6152, RFC 3030), SMTPUTF8 (RFC 6531), RET and ENVID (RFC 3461), AUTH (RFC 4954), and
/// those of <see cref="TermsParameters"/>.
/// </summary>
internal struct MailParameters
{
    // RFC 3461 section 4.4: at most 100 characters as sent.
    private const int LongestEnvelopeId = 100;

    // RFC 1870 section 3: at most 20 digits.
    private const int MostSizeDigits = 20;

    private Seen _seen;
    private TermsParameters _terms;

    [Flags]
    private enum Seen : byte
    {
        Size = 1,
        Body = 2,
        SmtpUtf8 = 4,
        Return = 8,
        EnvelopeId = 16,
        Submitter = 32,
    }

    /// <summary>The declared size in octets, or null.</summary>
    public long? Size { get; private set; }

    /// <summary>The declared body type.</summary>
    public BodyType Body { get; private set; }

    /// <summary>True where SMTPUTF8 was given.</summary>
    public bool SmtpUtf8 { get; private set; }

    /// <summary>How much a failure report returns.</summary>
    public DsnReturn Return { get; private set; }

    /// <summary>The decoded envelope id, or null.</summary>
    public string? EnvelopeId { get; private set; }

    /// <summary>Who submitted the message first: null where AUTH was not given, empty for <c>&lt;&gt;</c>.</summary>
    public string? Submitter { get; private set; }

    /// <summary>What was asked of the delivery in time.</summary>
    public readonly TermsParameters Terms => _terms;

    /// <summary>Reads the parameters of the offered extensions; the result is <see cref="Canned.None"/>, or the reply that says what is wrong.</summary>
    public static Canned TryParse(ReadOnlySpan<byte> text, MailOffers offers, out MailParameters parameters)
    {
        parameters = default;
        var reader = new ParameterReader(text);
        while (reader.MoveNext())
        {
            if (!reader.IsWellFormed)
                return Canned.BadParameter;
            Canned error = parameters.Take(in reader, offers);
            if (error != Canned.None)
                return error;
        }

        return Canned.None;
    }

    private Canned Take(in ParameterReader parameter, MailOffers offers)
    {
        if (parameter.Is("SIZE"u8))
            return Note(Seen.Size, TakeSize(parameter.Value));
        if (parameter.Is("BODY"u8))
            return Note(Seen.Body, TakeBody(in parameter, offers));
        if (parameter.Is("SMTPUTF8"u8))
            return Note(Seen.SmtpUtf8, SmtpUtf8 = !parameter.HasValue);
        if (parameter.Is("RET"u8))
            return Note(Seen.Return, TakeReturn(in parameter));
        if (parameter.Is("ENVID"u8))
            return Note(Seen.EnvelopeId, TakeEnvelopeId(parameter.Value));
        if (parameter.Is("AUTH"u8))
            return Note(Seen.Submitter, TakeSubmitter(parameter.Value));
        return _terms.Take(in parameter, offers);
    }

    private Canned Note(Seen which, bool isValid)
    {
        if ((_seen & which) != 0)
            return Canned.RepeatedParameter;
        _seen |= which;
        return isValid ? Canned.None : Canned.BadParameter;
    }

    // size-value = 1*20DIGIT; what does not fit into 63 bits is larger than any limit.
    private bool TakeSize(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value.Length > MostSizeDigits || value.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        Size = Utf8Parser.TryParse(value, out long size, out int used) && used == value.Length ? size : long.MaxValue;
        return true;
    }

    private bool TakeBody(in ParameterReader parameter, MailOffers offers)
    {
        Body = parameter.ValueIs("7BIT"u8) ? BodyType.SevenBit
            : parameter.ValueIs("8BITMIME"u8) ? BodyType.EightBitMime
            : (offers & MailOffers.BinaryMime) != 0 && parameter.ValueIs("BINARYMIME"u8) ? BodyType.BinaryMime
            : BodyType.Unspecified;
        return Body != BodyType.Unspecified;
    }

    private bool TakeReturn(in ParameterReader parameter)
    {
        Return = parameter.ValueIs("FULL"u8) ? DsnReturn.Full : parameter.ValueIs("HDRS"u8) ? DsnReturn.Headers : DsnReturn.Unspecified;
        return Return != DsnReturn.Unspecified;
    }

    // RFC 4954 section 5: "AUTH=" xtext of a mailbox, or of <>.
    private bool TakeSubmitter(ReadOnlySpan<byte> value)
    {
        string? text = Xtext.Decode(value);
        if (text == "<>")
            Submitter = "";
        else if (text is not null && Mailbox.TryParse(text, out Mailbox mailbox) && !mailbox.IsNull)
            Submitter = mailbox.Address;
        return Submitter is not null;
    }

    private bool TakeEnvelopeId(ReadOnlySpan<byte> value)
    {
        EnvelopeId = value.Length <= LongestEnvelopeId ? Xtext.Decode(value) : null;
        return EnvelopeId is not null;
    }
}
