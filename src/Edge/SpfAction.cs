using SlimtaFast.Edge.Lists;
using SlimtaFast.Edge.Spf;
using SlimtaFast.Mail;
using SlimtaFast.MailAuth;

namespace SlimtaFast.Edge;

/// <summary>
/// What is done for an SPF result: <c>accept</c>, <c>greylist</c>, <c>header NAME: VALUE</c>, or a reply such as <c>550 5.7.1 Access denied;
/// {reason}</c>. In value and reply <c>{reason}</c>, <c>{result}</c>, <c>{sender}</c> and <c>{ip}</c> are filled in. Immutable.
/// </summary>
public sealed record SpfAction
{
    private const string HeaderWord = "header ";
    private const int LongestValue = 900;

    private static readonly string[] Words = ["reason", "result", "sender", "ip"];

    private readonly string _text = "";
    private readonly int _code;
    private readonly EnhancedStatus _status;

    private SpfAction(SpfActionKind kind) => Kind = kind;

    private SpfAction(SpfActionKind kind, string text)
    {
        Kind = kind;
        _text = text;
    }

    private SpfAction(int code, EnhancedStatus status, string text)
    {
        Kind = SpfActionKind.Reply;
        _code = code;
        _status = status;
        _text = text;
    }

    /// <summary>Does nothing.</summary>
    public static SpfAction Accept { get; } = new(SpfActionKind.Accept);

    /// <summary>Has the client come back later.</summary>
    public static SpfAction Greylist { get; } = new(SpfActionKind.Greylist);

    /// <summary>What is done.</summary>
    public SpfActionKind Kind { get; }

    /// <summary>The name of the field that <see cref="SpfActionKind.AddHeader"/> adds; empty otherwise.</summary>
    public string HeaderName { get; private init; } = "";

    /// <summary>Adds a header field.</summary>
    /// <exception cref="FormatException">The name cannot be one, or the value holds a word in braces that is not known.</exception>
    public static SpfAction AddHeader(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        if (name.Length is 0 or > 70 || name.Any(static c => c is <= ' ' or > '~' or ':'))
            throw new FormatException($"'{name}' is not the name of a header field");
        return new SpfAction(SpfActionKind.AddHeader, Check(value)) { HeaderName = name };
    }

    /// <summary>Tells the client something.</summary>
    /// <param name="code">250, which accepts, or a code from 400 on, which refuses.</param>
    /// <param name="status">The enhanced status code, of the same class.</param>
    /// <param name="text">The text, in which words in braces are filled in.</param>
    /// <exception cref="FormatException">There is no such reply to MAIL and RCPT, or the text holds a word in braces that is not known.</exception>
    public static SpfAction Reply(int code, string status, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (code is not (250 or (>= 400 and <= 599)))
            throw new FormatException($"{code} is neither 250 nor a refusal from 400 to 599");
        if (!EnhancedStatus.TryParse(status, out EnhancedStatus parsed, out _) || parsed.ToString()[0] - '0' != code / 100)
            throw new FormatException($"'{status}' is not an enhanced status code that goes with {code}");
        return new SpfAction(code, parsed, Check(text));
    }

    /// <summary>Reads an action as configurations have it, or throws <see cref="FormatException"/> with what is wrong.</summary>
    public static SpfAction Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string trimmed = text.Trim();
        if (trimmed.Equals("accept", StringComparison.OrdinalIgnoreCase))
            return Accept;
        if (trimmed.Equals("greylist", StringComparison.OrdinalIgnoreCase))
            return Greylist;
        if (trimmed.StartsWith(HeaderWord, StringComparison.OrdinalIgnoreCase))
        {
            int colon = trimmed.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                throw new FormatException($"'{trimmed}': a header field is written as NAME: VALUE");
            return AddHeader(trimmed[HeaderWord.Length..colon].Trim(), trimmed[(colon + 1)..].Trim());
        }

        if (!ReplyText.TryParse(trimmed, out int code, out EnhancedStatus status, out string reply))
            throw new FormatException($"'{trimmed}' is none of accept, greylist, header NAME: VALUE, or a reply such as 550 5.7.1 Access denied; {{reason}}");
        return Reply(code, status.ToString(), reply);
    }

    /// <summary>The reply for a finding; none where the action is no reply.</summary>
    public SmtpReply ToReply(SpfFinding finding) =>
        Kind == SpfActionKind.Reply ? SmtpReply.FromForeignText(_code, _status, Fill(finding)) : default;

    /// <summary>The complete header field for a finding, in ASCII with its line end; empty where the action adds none.</summary>
    public string ToField(SpfFinding finding)
    {
        if (Kind != SpfActionKind.AddHeader)
            return "";
        string value = Fill(finding);
        return $"{HeaderName}: {string.Concat(value.Take(LongestValue).Select(static c => c is >= ' ' and <= '~' ? c : '?'))}\r\n";
    }

    private static string Check(string text)
    {
        foreach (System.Text.RegularExpressions.ValueMatch brace in WordsInBraces.Pattern.EnumerateMatches(text))
        {
            string word = text.Substring(brace.Index + 1, brace.Length - 2);
            if (!Words.Contains(word))
                throw new FormatException($"'{{{word}}}' is none of {string.Join(", ", Words.Select(static known => $"{{{known}}}"))}");
        }

        return text.Any(char.IsControl) ? throw new FormatException($"'{text}' holds a control character") : text;
    }

    // One pass: what is filled in is not looked at again.
    private string Fill(SpfFinding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        return WordsInBraces.Pattern.Replace(_text, word => word.Value switch
        {
            "{reason}" => finding.Reason,
            "{result}" => finding.Result.ToWord(),
            "{sender}" => finding.Request.Sender,
            _ => finding.Request.Client.ToString(),
        });
    }
}
