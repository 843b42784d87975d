using System.Text;
using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Policies;

/// <summary>
/// The value of an added field: text, with words in braces for what the envelope has. Immutable.
/// </summary>
internal sealed class HeaderTemplate
{
    // In the order in which they are documented.
    private static readonly Dictionary<string, Func<Envelope, string>> Words = new(StringComparer.Ordinal)
    {
        ["id"] = static envelope => envelope.Id.ToString(),
        ["sender"] = static envelope => envelope.ReversePath.Address,
        // More than one would tell blind copies.
        ["recipient"] = static envelope => envelope.Recipients.Count == 1 ? envelope.Recipients[0].Address.Address : "",
        ["client"] = static envelope => envelope.Client.Address?.ToString() ?? "unknown",
        ["client-name"] = static envelope => envelope.Client.HostName ?? "unknown",
        ["hello"] = static envelope => envelope.Client.HelloName,
        ["user"] = static envelope => envelope.Client.Identity ?? "",
        ["protocol"] = static envelope => envelope.Client.Protocol,
        ["server"] = static envelope => envelope.Client.ServerName,
        ["date"] = static envelope => envelope.ReceivedAt.UtcDateTime.ToString("ddd, dd MMM yyyy HH':'mm':'ss '+0000'", System.Globalization.CultureInfo.InvariantCulture),
    };

    private readonly List<(string Text, Func<Envelope, string>? Word)> _parts = [];

    /// <summary>Reads a template; throws <see cref="FormatException"/> for an unknown word or a brace too much.</summary>
    public HeaderTemplate(string text)
    {
        if (text.Any(static c => c is < ' ' or > '~'))
            throw new FormatException($"'{text}' is not printable ASCII");
        int at = 0;
        while (at < text.Length)
        {
            int open = text.IndexOf('{', at);
            string plain = open < 0 ? text[at..] : text[at..open];
            if (plain.Contains('}', StringComparison.Ordinal))
                throw new FormatException($"'{text}' has a brace that nothing opens");
            if (plain.Length > 0)
                _parts.Add((plain, null));
            if (open < 0)
                break;
            int close = text.IndexOf('}', open);
            string word = close < 0 ? "" : text[(open + 1)..close];
            if (!Words.TryGetValue(word, out Func<Envelope, string>? value))
                throw new FormatException($"'{text}': there is no {{{word}}}; there are {string.Join(", ", Words.Keys.Select(static key => $"{{{key}}}"))}");
            _parts.Add(("", value));
            at = close + 1;
        }
    }

    /// <summary>The value for an envelope. Characters beyond ASCII stay only where the message may have them in its header (RFC 6532).</summary>
    public byte[] Render(Envelope envelope)
    {
        var text = new StringBuilder();
        foreach ((string plain, Func<Envelope, string>? word) in _parts)
            text.Append(word is null ? plain : word(envelope));
        return envelope.SmtpUtf8 ? Encoding.UTF8.GetBytes(text.ToString()) : Encoding.ASCII.GetBytes(text.ToString());
    }
}
