using System.Globalization;
using System.Text;
using SlimtaFast.Mail;

namespace SlimtaFast.Protocol.Http;

/// <summary>
/// Replies as header fields of HTTP responses:
/// <code>
/// X-Smtp-Reply           = code *( ";" parameter )
/// X-Smtp-Recipient-Reply = 1#( index ";" code *( ";" parameter ) )
/// parameter              = name "=" quoted-string     ; message: the enhanced code, a space, and the text
/// </code>
/// The first form is python-slimta's, which also knows a parameter <c>command</c>. Reading never throws.
/// </summary>
internal static class ReplyHeader
{
    // Longer texts are cut: servers and proxies bound the length of a field.
    private const int LongestText = 1000;

    // No request has more recipients.
    private const int MostElements = 100_000;

    /// <summary>Writes a reply; line breaks become spaces.</summary>
    public static string Format(SmtpReply reply)
    {
        var text = new StringBuilder(reply.Text.Length + 32);
        text.Append(CultureInfo.InvariantCulture, $"{reply.Code}; message=\"");
        if (!reply.Status.IsNone)
            text.Append(reply.Status.ToString()).Append(reply.Text.Length > 0 ? " " : "");
        string words = reply.Text.Length > LongestText ? reply.Text[..LongestText] : reply.Text;
        foreach (char c in words.Replace("\r\n", " ", StringComparison.Ordinal))
        {
            if (c is '"' or '\\')
                text.Append('\\');
            // A pair that was cut apart, or a line separator, is nothing to send.
            text.Append(char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' ? ' ' : c);
        }

        return text.Append('"').ToString();
    }

    /// <summary>Writes the reply for one recipient.</summary>
    public static string FormatForRecipient(int index, SmtpReply reply) => string.Create(CultureInfo.InvariantCulture, $"{index}; {Format(reply)}");

    /// <summary>Reads a reply; false where there is none, with a code that answers a message.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out SmtpReply reply) => TryTakeReply(ref text, out reply);

    /// <summary>
    /// Reads the replies for single recipients, of one field or of several joined by commas, into places by index. False where anything is
    /// malformed or outside the list: then none of what was read may be relied on.
    /// </summary>
    public static bool TryParseForRecipients(ReadOnlySpan<char> text, Span<SmtpReply> replies)
    {
        for (int i = 0; i < MostElements; i++)
        {
            int semicolon = text.IndexOf(';');
            if (semicolon < 0
                || !int.TryParse(text[..semicolon].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                || index >= replies.Length)
                return false;
            text = text[(semicolon + 1)..];
            if (!TryTakeReply(ref text, out replies[index]))
                return false;
            text = text.TrimStart();
            if (text.IsEmpty)
                return true;
            if (text[0] != ',')
                return false;
            text = text[1..];
        }

        return false;
    }

    // Stops in front of a comma outside quotes, or at the end.
    private static bool TryTakeReply(ref ReadOnlySpan<char> text, out SmtpReply reply)
    {
        reply = default;
        text = text.TrimStart();
        if (text.Length < 3 || !int.TryParse(text[..3], NumberStyles.None, CultureInfo.InvariantCulture, out int code) || !IsAnswer(code))
            return false;
        text = text[3..].TrimStart();
        string message = "";
        while (!text.IsEmpty && text[0] == ';')
        {
            text = text[1..].TrimStart();
            int equals = text.IndexOfAny('=', ';', ',');
            if (equals < 0 || text[equals] != '=')
                return text.IsEmpty && Make(code, message, out reply);
            ReadOnlySpan<char> name = text[..equals].TrimEnd();
            text = text[(equals + 1)..].TrimStart();
            string value = TakeValue(ref text);
            if (name.Equals("message", StringComparison.OrdinalIgnoreCase))
                message = value;
            text = text.TrimStart();
        }

        return (text.IsEmpty || text[0] == ',') && Make(code, message, out reply);
    }

    // 1xx and 3xx are steps of a dialogue, and no answer to a message.
    private static bool IsAnswer(int code) => code is (>= 200 and < 300) or (>= 400 and < 600);

    private static bool Make(int code, ReadOnlySpan<char> message, out SmtpReply reply)
    {
        if (EnhancedStatus.TryParse(message, out EnhancedStatus status, out int length) && (length == message.Length || message[length] == ' '))
        {
            // RFC 3463 section 2 and python-slimta: the class is the code's, whatever was written.
            status = status with { Class = (byte)(code / 100) };
            message = message[length..];
        }
        else
        {
            status = default;
        }

        reply = SmtpReply.FromForeignText(code, status, message);
        return true;
    }

    // quoted-string of RFC 9110 section 5.6.4, or a token; a quote that is never closed ends with the field.
    private static string TakeValue(ref ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text[0] != '"')
        {
            int end = text.IndexOfAny(';', ',');
            string token = (end < 0 ? text : text[..end]).TrimEnd().ToString();
            text = end < 0 ? default : text[end..];
            return token;
        }

        var value = new StringBuilder();
        int at = 1;
        for (; at < text.Length && text[at] != '"'; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
                at++;
            value.Append(text[at]);
        }

        text = text[Math.Min(at + 1, text.Length)..];
        return value.ToString();
    }
}
