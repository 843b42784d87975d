using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace SlimtaFast.Relay.Smtp;

/// <summary>Some of an attempt's recipients, by their places in it: those that one transaction may have, and those that are left.</summary>
internal static class RecipientBatch
{
    /// <summary>
    /// The recipients that the next transaction may have within a server's limits (RFC 9422), in their order; null for all of them, which is
    /// the usual case and allocates nothing.
    /// </summary>
    /// <param name="recipients">The attempt's recipients.</param>
    /// <param name="pending">Which of them are to be served; null for all.</param>
    /// <param name="limits">The server's limits.</param>
    /// <param name="rest">Those that have to wait for another transaction, or null for none.</param>
    public static List<int>? Take(IReadOnlyList<Recipient> recipients, List<int>? pending, SmtpLimits limits, out List<int>? rest)
    {
        rest = null;
        int count = pending?.Count ?? recipients.Count;
        if ((limits.Recipients == 0 || count <= limits.Recipients) && (limits.Domains == 0 || count == 1))
            return pending;
        List<int> batch = [];
        HashSet<string> domains = new(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            int index = pending is null ? i : pending[i];
            string domain = recipients[index].Address.GetRoutingDomain();
            bool fits = (limits.Recipients == 0 || batch.Count < limits.Recipients)
                && (limits.Domains == 0 || domains.Count < limits.Domains || domains.Contains(domain));
            if (fits)
            {
                batch.Add(index);
                domains.Add(domain);
            }
            else
            {
                (rest ??= []).Add(index);
            }
        }

        return rest is null ? pending : batch;
    }

    /// <summary>
    /// Those whose addresses any server can take, where only recipients keep a message from one without SMTPUTF8; null where that does not
    /// help, because the sender's address needs it too, or every recipient's does, or none.
    /// </summary>
    public static List<int>? TakeAscii(Envelope envelope, IReadOnlyList<Recipient> recipients)
    {
        if (!envelope.ReversePath.TryToAscii(out _))
            return null;
        List<int> able = [];
        for (int i = 0; i < recipients.Count; i++)
        {
            if (recipients[i].Address.TryToAscii(out _))
                able.Add(i);
        }

        return able.Count == 0 || able.Count == recipients.Count ? null : able;
    }

    /// <summary>The recipients at these places; the whole list for null.</summary>
    public static IReadOnlyList<Recipient> Pick(IReadOnlyList<Recipient> recipients, List<int>? places)
    {
        if (places is null)
            return recipients;
        var picked = new Recipient[places.Count];
        for (int i = 0; i < picked.Length; i++)
            picked[i] = recipients[places[i]];
        return picked;
    }
}
