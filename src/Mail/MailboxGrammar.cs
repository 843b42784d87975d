using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Unicode;

namespace SlimtaFast.Mail;

/// <summary>
/// The grammar of a mailbox (RFC 5321 section 4.1.2, RFC 6531 section 3.3):
/// <code>
/// Mailbox      = Local-part "@" ( Domain / address-literal )
/// Local-part   = Dot-string / Quoted-string
/// Domain       = sub-domain *("." sub-domain)      ; letters, digits, hyphen, underscore, UTF-8
/// </code>
/// Lenient only where real mail is: dots anywhere in a local part and up to 256 octets of it, hyphens and underscores anywhere in a
/// label, a final dot in a domain.
/// </summary>
internal static class MailboxGrammar
{
    /// <summary>Octets of a whole address: 64 of local part, the at sign, 255 of domain, and room for long local parts seen in practice (VERP).</summary>
    public const int LongestAddress = 512;

    private const int LongestLocalPart = 256;
    private const int LongestDomain = 255;
    private const int LongestLabel = 63;

    private static readonly SearchValues<byte> AtomText =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~."u8);

    private static readonly SearchValues<byte> DomainText =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."u8);

    private static readonly SearchValues<byte> IPv6Text = SearchValues.Create("abcdefABCDEF0123456789.:"u8);

    /// <summary>Reads a whole mailbox; nothing may follow it.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out Mailbox mailbox)
    {
        mailbox = default;
        if (text.IsEmpty || text.Length > LongestAddress)
            return false;
        int at = MeasureLocalPart(text);
        if (at <= 0 || at > LongestLocalPart)
            return false;
        if (at == text.Length)
        {
            // RFC 5321 section 4.5.1: <postmaster> without a domain has to be taken.
            if (!Ascii.EqualsIgnoreCase(text, "postmaster"u8))
                return false;
            mailbox = new Mailbox(Encoding.ASCII.GetString(text), -1);
            return true;
        }

        ReadOnlySpan<byte> domain = text[(at + 1)..];
        if (text[at] != (byte)'@' || !IsDomain(domain))
            return false;
        if (!Ascii.IsValid(text) && !Utf8.IsValid(text))
            return false;
        string address = Encoding.UTF8.GetString(text);
        if (ContainsControl(address))
            return false;
        mailbox = new Mailbox(address, address.Length - Encoding.UTF8.GetCharCount(domain) - 1);
        return true;
    }

    /// <summary>True for what may stand behind the at sign.</summary>
    public static bool IsDomain(ReadOnlySpan<char> text)
    {
        if (text.Length > LongestDomain)
            return false;
        Span<byte> bytes = stackalloc byte[LongestDomain * 3];
        return Utf8.FromUtf16(text, bytes, out _, out int written, replaceInvalidSequences: false) == OperationStatus.Done
            && IsDomain(bytes[..written])
            && !ContainsControl(text);
    }

    // The index behind the local part, or -1.
    private static int MeasureLocalPart(ReadOnlySpan<byte> text)
    {
        if (text[0] == (byte)'"')
            return MeasureQuotedString(text);
        int at = 0;
        while (at < text.Length)
        {
            int stop = text[at..].IndexOfAnyExcept(AtomText);
            if (stop < 0)
                return text.Length;
            at += stop;
            if (text[at] < 0x80)
                return at;
            at++;
        }

        return at;
    }

    // Quoted-string = DQUOTE *( qtextSMTP / "\" %d32-126 ) DQUOTE
    private static int MeasureQuotedString(ReadOnlySpan<byte> text)
    {
        for (int i = 1; i < text.Length; i++)
        {
            byte c = text[i];
            if (c == (byte)'"')
                return i + 1;
            if (c == (byte)'\\' && (++i >= text.Length || text[i] is < 32 or > 126))
                return -1;
            if (c is < 32 or 127)
                return -1;
        }

        return -1;
    }

    private static bool IsDomain(ReadOnlySpan<byte> domain)
    {
        if (domain.IsEmpty || domain.Length > LongestDomain)
            return false;
        if (domain[0] == (byte)'[')
            return domain[^1] == (byte)']' && IsAddress(domain[1..^1]);
        int label = 0;
        for (int i = 0; i < domain.Length; i++)
        {
            byte c = domain[i];
            if (c == (byte)'.')
            {
                if (label == 0)
                    return false;
                label = 0;
                continue;
            }

            if (++label > LongestLabel || (c < 0x80 && !DomainText.Contains(c)))
                return false;
        }

        return true;
    }

    // IPv4-address-literal / IPv6-address-literal (RFC 5321 section 4.1.3). No other tag was ever registered.
    private static bool IsAddress(ReadOnlySpan<byte> literal)
    {
        ReadOnlySpan<byte> tag = "IPv6:"u8;
        if (literal.Length <= tag.Length || !Ascii.EqualsIgnoreCase(literal[..tag.Length], tag))
            return IsIPv4(literal);
        ReadOnlySpan<byte> address = literal[tag.Length..];
        return !address.ContainsAnyExcept(IPv6Text) && address.Contains((byte)':') && IPAddress.IsValidUtf8(address);
    }

    // Snum 3("." Snum): the system's parser would also take hexadecimal, octal and missing parts.
    private static bool IsIPv4(ReadOnlySpan<byte> text)
    {
        int parts = 0;
        foreach (Range part in text.Split((byte)'.'))
        {
            ReadOnlySpan<byte> digits = text[part];
            if (++parts > 4 || digits.Length > 3 || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') || !byte.TryParse(digits, out _))
                return false;
        }

        return parts == 4;
    }

    // Beyond ASCII: the C1 controls and the line separators that some software treats as line breaks.
    private static bool ContainsControl(ReadOnlySpan<char> address)
    {
        foreach (char c in address)
        {
            if (char.IsControl(c) || c is '\u2028' or '\u2029')
                return true;
        }

        return false;
    }
}
