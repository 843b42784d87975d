using System.Globalization;

namespace SlimtaFast.Mail;

/// <summary>
/// A reply as SMTP knows it: a three-digit code, an enhanced status code and text. The default value means "no reply". The text has
/// no line breaks except as CRLF between the lines of a multi-line reply. Immutable.
/// </summary>
public readonly record struct SmtpReply
{
    /// <summary>Makes a reply; throws where the code is outside 200 to 599 or the text holds control characters other than CRLF pairs.</summary>
    public SmtpReply(int code, EnhancedStatus status, string text)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(code, 200);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(code, 599);
        ArgumentNullException.ThrowIfNull(text);
        if (!IsCleanText(text))
            throw new ArgumentException("A reply's text may hold no control characters except CRLF between lines.", nameof(text));
        Code = (ushort)code;
        Status = status;
        Text = text;
    }

    /// <summary>Makes a reply from its parts, the enhanced code written as <c>5.1.1</c>.</summary>
    public SmtpReply(int code, string status, string text)
        : this(code, EnhancedStatus.TryParse(status, out EnhancedStatus parsed, out _) ? parsed : throw new ArgumentException("Not an enhanced status code.", nameof(status)), text)
    {
    }

    /// <summary>200 to 599, or 0 for "no reply".</summary>
    public ushort Code { get; }

    /// <summary>The enhanced status code, or none.</summary>
    public EnhancedStatus Status { get; }

    /// <summary>The text behind the codes.</summary>
    public string Text { get => field ?? ""; }

    /// <summary>True for the default value: there is no reply.</summary>
    public bool IsNone => Code == 0;

    /// <summary>True for 2xx.</summary>
    public bool IsPositive => Code is >= 200 and < 300;

    /// <summary>True for 4xx.</summary>
    public bool IsTransient => Code is >= 400 and < 500;

    /// <summary>True for 5xx.</summary>
    public bool IsPermanent => Code >= 500;

    /// <summary>True where the session ends after this reply: 221 and 421.</summary>
    public bool Closes => Code is 221 or 421;

    /// <summary>Makes a reply out of text that came from elsewhere: control characters become spaces, and it is cut at 900 characters.</summary>
    public static SmtpReply FromForeignText(int code, EnhancedStatus status, ReadOnlySpan<char> text)
    {
        const int Longest = 900;
        if (text.Length > Longest)
            text = text[..Longest];
        string clean = string.Create(text.Length, text, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
                span[i] = char.IsControl(source[i]) || char.IsSurrogate(source[i]) ? ' ' : source[i];
        });
        return new SmtpReply(code, status, clean.Trim());
    }

    /// <summary>Makes a reply of parts that were read back; false where the constructor would throw.</summary>
    internal static bool TryCreate(int code, EnhancedStatus status, string text, out SmtpReply reply)
    {
        bool valid = code is >= 200 and <= 599 && IsCleanText(text);
        reply = valid ? new SmtpReply(code, status, text) : default;
        return valid;
    }

    /// <summary>The reply as one line for logs and reports: <c>550 5.1.1 No such user</c>; line breaks show as <c> / </c>.</summary>
    public override string ToString()
    {
        if (IsNone)
            return "";
        string text = Text.Replace("\r\n", " / ", StringComparison.Ordinal);
        return Status.IsNone
            ? string.Create(CultureInfo.InvariantCulture, $"{Code} {text}")
            : string.Create(CultureInfo.InvariantCulture, $"{Code} {Status} {text}");
    }

    private static bool IsCleanText(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsControl(text[i]))
                continue;
            if (text[i] != '\r' || i + 1 >= text.Length || text[i + 1] != '\n')
                return false;
            i++;
        }

        return true;
    }
}
