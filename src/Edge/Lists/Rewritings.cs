using SlimtaFast.Mail;

namespace SlimtaFast.Edge.Lists;

/// <summary>The addresses of one transaction that lists replace, all lists of a session together. Not thread-safe.</summary>
internal sealed class Rewritings
{
    /// <summary>The new reverse-paths. By the old one, because a refused MAIL may have left another behind.</summary>
    public Dictionary<Mailbox, Mailbox> Senders { get; } = [];

    /// <summary>The new recipients.</summary>
    public Dictionary<Mailbox, Mailbox> Recipients { get; } = [];

    /// <summary>The envelope with the new addresses in it. A replaced recipient keeps its name for reports (RFC 3461 section 4.2).</summary>
    public Envelope Apply(Envelope envelope) => envelope with
    {
        ReversePath = Senders.GetValueOrDefault(envelope.ReversePath, envelope.ReversePath),
        Recipients = Recipients.Count == 0 ? envelope.Recipients : [.. envelope.Recipients.Select(Replace).DistinctBy(recipient => recipient.Address)],
    };

    private Recipient Replace(Recipient recipient) => Recipients.TryGetValue(recipient.Address, out Mailbox replaced)
        ? recipient with
        {
            Address = replaced,
            OriginalRecipient = recipient.OriginalRecipient ?? $"{(recipient.Address.NeedsUtf8 ? "utf-8" : "rfc822")};{recipient.Address.Address}",
        }
        : recipient;
}
