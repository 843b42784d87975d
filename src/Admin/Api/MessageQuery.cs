using SlimtaFast.Queue;

namespace SlimtaFast.Admin.Api;

/// <summary>The query of <c>GET /api/v1/messages</c>. Everything is text, so that what is wrong is told in our words.</summary>
internal sealed record MessageQuery
{
    /// <summary>Items of a page where nothing is said.</summary>
    public const int UsualLimit = 100;

    public string? Sender { get; init; }

    public string? SenderMatch { get; init; }

    public string? Recipient { get; init; }

    public string? RecipientMatch { get; init; }

    public string? Domain { get; init; }

    public string? Hop { get; init; }

    public string? State { get; init; }

    public string? OlderThan { get; init; }

    public string? YoungerThan { get; init; }

    public string? MinAttempts { get; init; }

    public string? MaxAttempts { get; init; }

    public string? Cursor { get; init; }

    public string? Limit { get; init; }

    /// <summary>The filter.</summary>
    public QueueFilter ToFilter() => new MessageFilter
    {
        Sender = Sender,
        SenderMatch = ApiRequests.Name<AddressMatch>("senderMatch", SenderMatch) ?? AddressMatch.Contains,
        Recipient = Recipient,
        RecipientMatch = ApiRequests.Name<AddressMatch>("recipientMatch", RecipientMatch) ?? AddressMatch.Contains,
        Domain = Domain,
        Hop = Hop,
        State = ApiRequests.Name<QueuePlace>("state", State),
        OlderThan = ApiRequests.Number<double>("olderThan", OlderThan),
        YoungerThan = ApiRequests.Number<double>("youngerThan", YoungerThan),
        MinAttempts = ApiRequests.Number<int>("minAttempts", MinAttempts),
        MaxAttempts = ApiRequests.Number<int>("maxAttempts", MaxAttempts),
    }.ToFilter();

    /// <summary>Items of the page.</summary>
    public int ToLimit() => ApiRequests.Number<int>("limit", Limit) switch
    {
        null => UsualLimit,
        >= 1 and <= QueueDesk.MostListed and { } limit => limit,
        _ => throw ApiException.Wrong($"limit: from 1 to {QueueDesk.MostListed}."),
    };
}
