using SlimtaFast.Mail;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Commands;

/// <summary>The parameters of RCPT: NOTIFY and ORCPT (RFC 3461).</summary>
internal struct RecipientParameters
{
    // RFC 3461 section 4.2: at most 500 characters as sent.
    private const int LongestOriginalRecipient = 500;

    private bool _notifySeen;
    private bool _originalSeen;

    /// <summary>When to report to the sender.</summary>
    public DsnNotify Notify { get; private set; }

    /// <summary>The decoded original recipient as <c>type;address</c>, or null.</summary>
    public string? OriginalRecipient { get; private set; }

    /// <summary>Reads the parameters; the result is <see cref="Canned.None"/>, or the reply that says what is wrong.</summary>
    public static Canned TryParse(ReadOnlySpan<byte> text, out RecipientParameters parameters)
    {
        parameters = default;
        var reader = new ParameterReader(text);
        while (reader.MoveNext())
        {
            if (!reader.IsWellFormed)
                return Canned.BadParameter;
            Canned error = parameters.Take(in reader);
            if (error != Canned.None)
                return error;
        }

        return Canned.None;
    }

    private Canned Take(in ParameterReader parameter)
    {
        if (parameter.Is("NOTIFY"u8))
            return Note(ref _notifySeen, TakeNotify(parameter.Value));
        if (parameter.Is("ORCPT"u8))
            return Note(ref _originalSeen, TakeOriginalRecipient(parameter.Value));
        return Canned.UnknownParameter;
    }

    private static Canned Note(ref bool seen, bool isValid)
    {
        if (seen)
            return Canned.RepeatedParameter;
        seen = true;
        return isValid ? Canned.None : Canned.BadParameter;
    }

    // notify-esmtp-value = "NEVER" / 1#notify-list-element; NEVER stands alone (RFC 3461 section 4.1)
    private bool TakeNotify(ReadOnlySpan<byte> value)
    {
        DsnNotify notify = DsnNotify.Unspecified;
        while (true)
        {
            int comma = value.IndexOf((byte)',');
            DsnNotify element = ReadNotify(comma < 0 ? value : value[..comma]);
            if (element == DsnNotify.Unspecified)
                return false;
            notify |= element;
            if (comma < 0)
                break;
            value = value[(comma + 1)..];
        }

        Notify = notify;
        return (notify & DsnNotify.Never) == 0 || notify == DsnNotify.Never;
    }

    private static DsnNotify ReadNotify(ReadOnlySpan<byte> word)
    {
        if (System.Text.Ascii.EqualsIgnoreCase(word, "FAILURE"u8))
            return DsnNotify.Failure;
        if (System.Text.Ascii.EqualsIgnoreCase(word, "DELAY"u8))
            return DsnNotify.Delay;
        if (System.Text.Ascii.EqualsIgnoreCase(word, "SUCCESS"u8))
            return DsnNotify.Success;
        return System.Text.Ascii.EqualsIgnoreCase(word, "NEVER"u8) ? DsnNotify.Never : DsnNotify.Unspecified;
    }

    // original-recipient-address = addr-type ";" xtext
    private bool TakeOriginalRecipient(ReadOnlySpan<byte> value)
    {
        int semicolon = value.IndexOf((byte)';');
        if (semicolon <= 0 || semicolon == value.Length - 1 || value.Length > LongestOriginalRecipient)
            return false;
        foreach (byte c in value[..semicolon])
        {
            if (!char.IsAsciiLetterOrDigit((char)c) && c != (byte)'-')
                return false;
        }

        // A type has no characters that xtext would encode, so that the whole value can be decoded at once.
        OriginalRecipient = Xtext.Decode(value);
        return OriginalRecipient is not null;
    }
}
