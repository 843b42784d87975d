using System.Globalization;
using SlimtaFast.Mail;

namespace SlimtaFast.Edge.Lists;

/// <summary>A value of an address list: <c>accept</c>, <c>refuse</c>, <c>drop</c>, <c>rewrite ADDRESS</c>, or a reply. Immutable.</summary>
/// <param name="Action">What to do.</param>
/// <param name="Reply">The reply of a refusal; none for the usual one.</param>
/// <param name="Address">The address of a rewriting.</param>
internal readonly record struct ListVerdict(ListAction Action, SmtpReply Reply = default, Mailbox Address = default)
{
    /// <summary>Reads a value; empty and <c>ok</c> are <c>accept</c> too. False where it is none of these.</summary>
    public static bool TryParse(string value, out ListVerdict verdict)
    {
        const string RewriteWord = "rewrite ";
        verdict = default;
        string text = value.Trim();
        switch (text.ToUpperInvariant())
        {
            case "" or "ACCEPT" or "OK":
                return true;
            case "REFUSE" or "REJECT":
                verdict = new ListVerdict(ListAction.Refuse);
                return true;
            case "DROP":
                verdict = new ListVerdict(ListAction.Drop);
                return true;
        }

        if (text.StartsWith(RewriteWord, StringComparison.OrdinalIgnoreCase))
        {
            bool isAddress = Mailbox.TryParse(text.AsSpan(RewriteWord.Length).Trim(), out Mailbox address) && !address.IsNull;
            verdict = new ListVerdict(ListAction.Rewrite, default, address);
            return isAddress;
        }

        return TryParseReply(text, ref verdict);
    }

    // 450 4.2.1 Text, or 550 Text.
    private static bool TryParseReply(string text, ref ListVerdict verdict)
    {
        string[] words = text.Split(' ', 3);
        if (words[0].Length != 3 || !int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out int code) || code is < 400 or > 599)
            return false;
        EnhancedStatus status = default;
        string rest = text[3..].Trim();
        if (words.Length > 1 && EnhancedStatus.TryParse(words[1], out EnhancedStatus given, out _))
        {
            status = given;
            rest = words.Length > 2 ? words[2] : "";
        }
        else
        {
            // RFC 2034 section 4: the class of both codes is the same.
            status = new EnhancedStatus((byte)(code / 100), 7, 1);
        }

        verdict = new ListVerdict(ListAction.Refuse, SmtpReply.FromForeignText(code, status, rest.Length > 0 ? rest : "Refused"));
        return true;
    }
}
