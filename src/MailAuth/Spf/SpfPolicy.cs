using SlimtaFast.Dns;

namespace SlimtaFast.MailAuth.Spf;

/// <summary>What the text records of a name say about its senders. Immutable.</summary>
/// <param name="Record">The one record that is SPF's; null where there is none or more than one.</param>
/// <param name="IsAmbiguous">True where there is more than one (RFC 7208 section 4.5).</param>
internal sealed record SpfPolicy(SpfRecord? Record, bool IsAmbiguous)
{
    /// <summary>Selects among the text records of an answer and reads what is selected.</summary>
    public static SpfPolicy Select(DnsAnswer<string> answer)
    {
        string? selected = null;
        foreach (string text in answer.Records)
        {
            if (!SpfRecordParser.IsRecord(text))
                continue;
            if (selected is not null)
                return new SpfPolicy(null, true);
            selected = text;
        }

        return new SpfPolicy(selected is null ? null : SpfRecordParser.Parse(selected), false);
    }
}
