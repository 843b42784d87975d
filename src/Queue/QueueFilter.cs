using SlimtaFast.Mail;

namespace SlimtaFast.Queue;

/// <summary>Which items of the queue are looked for: those to which all that is set applies. Immutable.</summary>
public sealed record QueueFilter
{
    /// <summary>Characters that a text may have.</summary>
    public const int MostCharacters = 320;

    /// <summary>The sender; has each item read that the rest applies to.</summary>
    public AddressFilter? Sender { get; init; }

    /// <summary>A recipient, whether delivered to already or not; has each item read that the rest applies to.</summary>
    public AddressFilter? Recipient { get; init; }

    /// <summary>The domain of the recipients, which all of an item share; has each item read that goes another way than theirs.</summary>
    public string? Domain { get; init; }

    /// <summary>The next hop, as the relay names it at present.</summary>
    public string? NextHop { get; init; }

    /// <summary>Where the item is.</summary>
    public QueuePlace? Place { get; init; }

    /// <summary>The least time since it came into the queue.</summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>The most time since it came into the queue.</summary>
    public TimeSpan? YoungerThan { get; init; }

    /// <summary>Attempts made at least.</summary>
    public int? LeastAttempts { get; init; }

    /// <summary>Attempts made at most.</summary>
    public int? MostAttempts { get; init; }

    // What the queue that made this id has made since is not meant: an order over all pages would else end up with the reports that it makes. Of what others
    // make nothing can be said so, because their clocks may be ahead.
    internal QueueId? Before { get; init; }

    /// <summary>True where nothing is set, and so all items are looked for.</summary>
    public bool IsEmpty => this == new QueueFilter();

    /// <summary>What is wrong with it, in words for an operator; null where nothing is.</summary>
    public string? FindFault()
    {
        foreach ((string? text, string name) in new[] { (Sender?.Text, "sender"), (Recipient?.Text, "recipient"), (Domain, "domain"), (NextHop, "next hop") })
        {
            if (text is { Length: 0 })
                return $"The {name} that is looked for is empty.";
            if (text?.Length > MostCharacters)
                return $"The {name} that is looked for has more than {MostCharacters} characters.";
        }

        if (OlderThan < TimeSpan.Zero || YoungerThan < TimeSpan.Zero)
            return "An age is not negative.";
        return LeastAttempts < 0 || MostAttempts < 0 ? "A number of attempts is not negative." : null;
    }

    // What is known of an item without reading it.
    internal bool Matches(QueueId id, int attempts, DateTimeOffset now) =>
        !(attempts < LeastAttempts) && !(attempts > MostAttempts) && !(Before is { } mine && id.CompareTo(mine) >= 0 && QueueIdGenerator.AreOfOne(id, mine)) && MatchesAge(id, now);

    // What is known only of one that was read.
    internal bool Matches(Envelope envelope)
    {
        if (Sender?.Matches(envelope.ReversePath) == false)
            return false;
        if (Domain is not null && !envelope.Domain.Equals(Domain, StringComparison.OrdinalIgnoreCase))
            return false;
        return Recipient is null || envelope.Recipients.Any(recipient => Recipient.Matches(recipient.Address));
    }

    // The first 48 bits of a version 7 name are the milliseconds of its making.
    private bool MatchesAge(QueueId id, DateTimeOffset now)
    {
        if (OlderThan is null && YoungerThan is null)
            return true;
        double age = now.ToUnixTimeMilliseconds() - (double)(ulong)(id.Value >> 80);
        return (OlderThan is null || age >= OlderThan.Value.TotalMilliseconds) && (YoungerThan is null || age <= YoungerThan.Value.TotalMilliseconds);
    }
}
