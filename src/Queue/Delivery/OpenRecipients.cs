using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Delivery;

/// <summary>Those of an item's recipients that an attempt is for. Immutable.</summary>
internal readonly struct OpenRecipients
{
    private readonly int[]? _indexes;

    private OpenRecipients(IReadOnlyList<Recipient> recipients, int[]? indexes)
    {
        Recipients = recipients;
        _indexes = indexes;
    }

    /// <summary>The recipients, in the envelope's order.</summary>
    public IReadOnlyList<Recipient> Recipients { get; }

    /// <summary>Finds them; where all are open, and so before the first attempt, this is the envelope's own list.</summary>
    public static OpenRecipients Of(QueueItem item)
    {
        IReadOnlyList<RecipientStatus> states = item.State.Recipients;
        int open = 0;
        for (int i = 0; i < states.Count; i++)
            open += states[i].Phase == RecipientPhase.Open ? 1 : 0;
        if (open == states.Count)
            return new OpenRecipients(item.Envelope.Recipients, null);
        var recipients = new Recipient[open];
        int[] indexes = new int[open];
        for (int i = 0, at = 0; i < states.Count; i++)
        {
            if (states[i].Phase != RecipientPhase.Open)
                continue;
            recipients[at] = item.Envelope.Recipients[i];
            indexes[at++] = i;
        }

        return new OpenRecipients(recipients, indexes);
    }

    /// <summary>The place in the envelope of the attempt's recipient number <paramref name="number"/>.</summary>
    public int IndexOf(int number) => _indexes is null ? number : _indexes[number];
}
