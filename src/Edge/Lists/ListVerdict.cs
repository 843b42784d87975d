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

    private static bool TryParseReply(string text, ref ListVerdict verdict)
    {
        if (!ReplyText.TryParse(text, out int code, out EnhancedStatus status, out string words) || code < 400)
            return false;
        verdict = new ListVerdict(ListAction.Refuse, SmtpReply.FromForeignText(code, status, words.Length > 0 ? words : "Refused"));
        return true;
    }
}
