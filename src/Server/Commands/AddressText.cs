using SlimtaFast.Mail;

namespace SlimtaFast.Server.Commands;

/// <summary>Reads addresses that were typed on the command line.</summary>
internal static class AddressText
{
    /// <summary>An address, with or without angle brackets; <c>&lt;&gt;</c> is the null reverse-path. Throws <see cref="UsageException"/>.</summary>
    public static Mailbox Parse(string text)
    {
        if (text is "<>" or "")
            return Mailbox.Null;
        string bare = text is ['<', .. string inner, '>'] ? inner : text;
        return Mailbox.TryParse(bare, out Mailbox mailbox) ? mailbox : throw new UsageException($"'{text}' is not an address");
    }
}
