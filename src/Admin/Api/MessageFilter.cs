using SlimtaFast.Queue;

namespace SlimtaFast.Admin.Api;

/// <summary>Which messages are meant: those to which all that is given applies. Ages are seconds.</summary>
internal sealed record MessageFilter
{
    // More than any queue keeps a message, and nothing that a time span could not hold.
    private const double LongestAge = 100.0 * 365 * 86_400;

    public string? Sender { get; init; }

    public AddressMatch SenderMatch { get; init; }

    public string? Recipient { get; init; }

    public AddressMatch RecipientMatch { get; init; }

    public string? Domain { get; init; }

    public string? Hop { get; init; }

    public QueuePlace? State { get; init; }

    public double? OlderThan { get; init; }

    public double? YoungerThan { get; init; }

    public int? MinAttempts { get; init; }

    public int? MaxAttempts { get; init; }

    /// <summary>The queue's own filter.</summary>
    public QueueFilter ToFilter() => new()
    {
        Sender = Sender is null ? null : new AddressFilter(Sender, SenderMatch),
        Recipient = Recipient is null ? null : new AddressFilter(Recipient, RecipientMatch),
        Domain = Domain,
        NextHop = Hop,
        Place = State,
        OlderThan = ToAge(OlderThan),
        YoungerThan = ToAge(YoungerThan),
        LeastAttempts = MinAttempts,
        MostAttempts = MaxAttempts,
    };

    private static TimeSpan? ToAge(double? seconds) => seconds switch
    {
        null => null,
        >= 0 and <= LongestAge => TimeSpan.FromSeconds(seconds.Value),
        _ => throw ApiException.Wrong("An age is a number of seconds, and not negative."),
    };
}
