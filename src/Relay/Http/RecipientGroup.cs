using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Http;

/// <summary>Recipients of one request: a stretch of an attempt's. Immutable.</summary>
/// <param name="Start">The first one's place.</param>
/// <param name="Count">How many.</param>
internal readonly record struct RecipientGroup(int Start, int Count)
{
    // With its name and blanks a field stays below the 8 KiB that common servers take.
    private const int MostFieldOctets = 7_000;

    /// <summary>Splits recipients into groups that fit into a request each.</summary>
    public static Stack<RecipientGroup> Split(IReadOnlyList<Recipient> recipients, int most)
    {
        var groups = new List<RecipientGroup>(1);
        int start = 0;
        int octets = 0;
        for (int i = 0; i < recipients.Count; i++)
        {
            int size = Measure(recipients[i]);
            if (i > start && (i - start >= most || octets + size > MostFieldOctets))
            {
                groups.Add(new RecipientGroup(start, i - start));
                start = i;
                octets = 0;
            }

            octets += size;
        }

        groups.Add(new RecipientGroup(start, recipients.Count - start));
        groups.Reverse();
        return new Stack<RecipientGroup>(groups);
    }

    /// <summary>The two halves of a group with more than one recipient.</summary>
    public (RecipientGroup First, RecipientGroup Second) Halve() => (new(Start, Count / 2), new(Start + (Count / 2), Count - (Count / 2)));

    // Base64 of at most four octets a character, or the parameters in the field beside it, whichever is longer; and ", ".
    private static int Measure(Recipient recipient)
    {
        int address = ((System.Text.Encoding.UTF8.GetByteCount(recipient.Address.Address) + 2) / 3 * 4) + 2;
        int parameters = recipient is { Notify: DsnNotify.Unspecified, OriginalRecipient: null } ? 0 : 60 + ((recipient.OriginalRecipient?.Length ?? 0) * 3);
        return Math.Max(address, parameters);
    }
}
