using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Intake;

/// <summary>What is to be stored of a message: one envelope, or several that share its content, or nothing because it is refused. Immutable.</summary>
internal readonly struct PreparedMessage
{
    private PreparedMessage(Envelope? single, List<Envelope>? parts, SmtpReply refusal, EditedContents? edited = null)
    {
        Edited = edited;
        Single = single;
        Parts = parts;
        Refusal = refusal;
    }

    /// <summary>The one envelope, or null where there are parts.</summary>
    public Envelope? Single { get; }

    /// <summary>The envelopes, or null where there is one only.</summary>
    public List<Envelope>? Parts { get; }

    /// <summary>Why it is refused, or none.</summary>
    public SmtpReply Refusal { get; }

    /// <summary>The contents that policies made, to be disposed when the items are stored or given up; null where there are none.</summary>
    public EditedContents? Edited { get; }

    /// <summary>A message of one item.</summary>
    public static PreparedMessage Of(Envelope single, EditedContents? edited) => new(single, null, default, edited);

    /// <summary>A message of several items.</summary>
    public static PreparedMessage Of(List<Envelope> parts, EditedContents? edited) =>
        parts.Count == 1 ? Of(parts[0], edited) : new(null, parts, default, edited);

    /// <summary>A message that is refused.</summary>
    public static PreparedMessage Refused(SmtpReply reply) => new(null, null, reply);

    /// <summary>The items in their first state, due at once or, where their sender had them held, when they are released.</summary>
    public QueueItem[] MakeItems(DateTimeOffset now)
    {
        if (Single is not null)
            return [MakeItem(Single, now)];
        var items = new QueueItem[Parts!.Count];
        for (int i = 0; i < items.Length; i++)
            items[i] = MakeItem(Parts[i], now);
        return items;
    }

    private static QueueItem MakeItem(Envelope envelope, DateTimeOffset now) =>
        new(envelope, DeliveryState.Initial(envelope.Terms is null ? now : GetFirstDue(envelope.Terms, now), envelope.Recipients.Count));

    // Not behind a deadline that passed while the message was received, so that it still shows that nothing was done about it.
    private static DateTimeOffset GetFirstDue(DeliveryTerms terms, DateTimeOffset now)
    {
        if (terms.HoldUntil is { } until && until > now)
            return until;
        return terms.By is { IsPast: false } by && by.Deadline < now ? by.Deadline : now;
    }
}
