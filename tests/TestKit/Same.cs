using SlimtaFast.Mail;

namespace SlimtaFast.TestKit;

/// <summary>
/// Compares by value and to the letter, which the records themselves do not: their lists and memories compare by reference, and their
/// mailboxes take domains in any case as equal.
/// </summary>
public static class Same
{
    /// <summary>True where both say the same, their contents' names and figures included but not their octets.</summary>
    public static bool Item(QueueItem left, QueueItem right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return Envelope(left.Envelope, right.Envelope) && State(left.State, right.State);
    }

    /// <summary>True where both say the same, their contents' names and figures included but not their octets.</summary>
    public static bool Envelope(Envelope left, Envelope right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return left.Id == right.Id
            && left.ReversePath.Address == right.ReversePath.Address
            && left.Recipients.SequenceEqual(right.Recipients, RecipientComparer.Instance)
            && left.Content.Id == right.Content.Id
            && left.Content.Length == right.Content.Length
            && left.Content.Crc == right.Content.Crc
            && left.Content.Traits == right.Content.Traits
            && left.ReceivedAt == right.ReceivedAt
            && left.Client == right.Client
            && left.AddedHeaders.Span.SequenceEqual(right.AddedHeaders.Span)
            && left.Body == right.Body
            && left.SmtpUtf8 == right.SmtpUtf8
            && left.Return == right.Return
            && left.EnvelopeId == right.EnvelopeId
            && left.Terms == right.Terms;
    }

    /// <summary>True where both say the same.</summary>
    public static bool State(DeliveryState left, DeliveryState right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return left.Version == right.Version
            && left.Attempts == right.Attempts
            && left.DueAt == right.DueAt
            && left.DelayNoticeSent == right.DelayNoticeSent
            && left.RoutingDomain == right.RoutingDomain
            && left.Recipients.SequenceEqual(right.Recipients);
    }

    private sealed class RecipientComparer : IEqualityComparer<Recipient>
    {
        public static readonly RecipientComparer Instance = new();

        public bool Equals(Recipient? x, Recipient? y) =>
            x is not null && y is not null && x.Address.Address == y.Address.Address && x.Notify == y.Notify && x.OriginalRecipient == y.OriginalRecipient;

        public int GetHashCode(Recipient obj) => obj.Address.Address.GetHashCode(StringComparison.Ordinal);
    }
}
