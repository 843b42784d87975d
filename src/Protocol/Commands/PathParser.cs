using SlimtaFast.Mail;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Commands;

/// <summary>
/// Reads the path of MAIL and RCPT (RFC 5321 section 4.1.2):
/// <code>
/// Path = "&lt;" [ A-d-l ":" ] Mailbox "&gt;"     ; A-d-l, a source route, is stripped as section 4.1.1.3 allows
/// </code>
/// Blanks between the colon and the bracket are tolerated, missing brackets are not. Pure; it never throws.
/// </summary>
internal static class PathParser
{
    /// <summary>Reads <c>FROM:&lt;path&gt; [parameters]</c>; the empty path is the null reverse-path.</summary>
    public static Canned TryParseSender(ReadOnlySpan<byte> argument, out Mailbox mailbox, out ReadOnlySpan<byte> parameters)
    {
        mailbox = default;
        if (!TryCut(argument, "FROM:"u8, out ReadOnlySpan<byte> path, out parameters))
            return Canned.MailSyntax;
        if (path.IsEmpty)
            return Canned.None;
        // Only a forward-path may be a bare postmaster.
        return TryParseAddress(path, out mailbox) && !mailbox.Domain.IsEmpty ? Canned.None : Canned.BadSender;
    }

    /// <summary>Reads <c>TO:&lt;path&gt; [parameters]</c>; <c>&lt;postmaster&gt;</c> needs no domain.</summary>
    public static Canned TryParseRecipient(ReadOnlySpan<byte> argument, out Mailbox mailbox, out ReadOnlySpan<byte> parameters)
    {
        mailbox = default;
        if (!TryCut(argument, "TO:"u8, out ReadOnlySpan<byte> path, out parameters))
            return Canned.RecipientSyntax;
        return TryParseAddress(path, out mailbox) ? Canned.None : Canned.BadRecipient;
    }

    // keyword ":" *SP "<" path ">" [ SP parameters ]
    private static bool TryCut(ReadOnlySpan<byte> argument, ReadOnlySpan<byte> keyword, out ReadOnlySpan<byte> path, out ReadOnlySpan<byte> parameters)
    {
        path = parameters = default;
        if (argument.Length < keyword.Length || !System.Text.Ascii.EqualsIgnoreCase(argument[..keyword.Length], keyword))
            return false;
        ReadOnlySpan<byte> rest = argument[keyword.Length..].TrimStart((byte)' ');
        if (rest.IsEmpty || rest[0] != (byte)'<')
            return false;
        int end = FindClosingBracket(rest);
        if (end < 0)
            return false;
        path = rest[1..end];
        rest = rest[(end + 1)..];
        if (!rest.IsEmpty && rest[0] != (byte)' ')
            return false;
        parameters = rest.Trim((byte)' ');
        return true;
    }

    // A bracket inside a quoted local part belongs to the address.
    private static int FindClosingBracket(ReadOnlySpan<byte> text)
    {
        int first = text.IndexOfAny((byte)'>', (byte)'"');
        if (first < 0 || text[first] == (byte)'>')
            return first;
        bool quoted = false;
        for (int i = first; i < text.Length; i++)
        {
            switch (text[i])
            {
                case (byte)'"':
                    quoted = !quoted;
                    break;
                case (byte)'\\' when quoted:
                    i++;
                    break;
                case (byte)'>' when !quoted:
                    return i;
                default:
                    break;
            }
        }

        return -1;
    }

    // A-d-l = "@" Domain *( "," "@" Domain )
    private static bool TryParseAddress(ReadOnlySpan<byte> path, out Mailbox mailbox)
    {
        mailbox = default;
        if (!path.IsEmpty && path[0] == (byte)'@')
        {
            int colon = path.IndexOf((byte)':');
            if (colon < 0 || path[..colon].Contains((byte)'"'))
                return false;
            path = path[(colon + 1)..];
        }

        return Mailbox.TryParse(path, out mailbox);
    }
}
