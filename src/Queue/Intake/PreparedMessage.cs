using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Intake;

/// <summary>What is to be stored of a message: one envelope, or several that share its content, or nothing because it is refused. Immutable.</summary>
internal readonly struct PreparedMessage
{
    private PreparedMessage(Envelope? single, List<Envelope>? parts, SmtpReply refusal)
    {
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

    /// <summary>A message of one item.</summary>
    public static PreparedMessage Of(Envelope single) => new(single, null, default);

    /// <summary>A message of several items.</summary>
    public static PreparedMessage Of(List<Envelope> parts) => parts.Count == 1 ? Of(parts[0]) : new(null, parts, default);

    /// <summary>A message that is refused.</summary>
    public static PreparedMessage Refused(SmtpReply reply) => new(null, null, reply);

    /// <summary>The items in their first state, due at once.</summary>
    public QueueItem[] MakeItems(DateTimeOffset now)
    {
        if (Single is not null)
            return [new QueueItem(Single, DeliveryState.Initial(now, Single.Recipients.Count))];
        var items = new QueueItem[Parts!.Count];
        for (int i = 0; i < items.Length; i++)
            items[i] = new QueueItem(Parts[i], DeliveryState.Initial(now, Parts[i].Recipients.Count));
        return items;
    }
}
