using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Intake;

/// <summary>Splits a message by recipient domain: an item has one domain, so that a slow one never holds up another.</summary>
internal static class DomainSplit
{
    /// <summary>True where all recipients are of one domain.</summary>
    public static bool IsOneDomain(Envelope envelope)
    {
        ReadOnlySpan<char> first = envelope.Recipients[0].Address.Domain;
        for (int i = 1; i < envelope.Recipients.Count; i++)
        {
            if (!envelope.Recipients[i].Address.Domain.Equals(first, StringComparison.OrdinalIgnoreCase))
                return false;
        }

        return true;
    }

    /// <summary>
    /// Adds an envelope for each domain, in the order of their first recipients, which share added fields and content. The first keeps
    /// the id, which Received names.
    /// </summary>
    public static void Split(Envelope envelope, QueueIdGenerator ids, List<Envelope> parts)
    {
        Dictionary<string, List<Recipient>> byDomain = new(StringComparer.Ordinal);
        foreach (Recipient recipient in envelope.Recipients)
        {
            string domain = recipient.Address.GetRoutingDomain();
            if (!byDomain.TryGetValue(domain, out List<Recipient>? group))
                byDomain.Add(domain, group = []);
            group.Add(recipient);
        }

        bool first = true;
        foreach (List<Recipient> group in byDomain.Values)
        {
            parts.Add(envelope with { Id = first ? envelope.Id : ids.Next(), Recipients = group.ToArray() });
            first = false;
        }
    }
}
