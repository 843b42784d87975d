using SlimtaFast.Mail;
using SlimtaFast.Queue;

namespace SlimtaFast.Admin.Api;

/// <summary>An order: for the messages of a list, for those that a filter finds, or for all.</summary>
internal sealed record ActionRequest
{
    public required QueueAction Action { get; init; }

    /// <summary>To reroute: the domain whose route they take.</summary>
    public string? To { get; init; }

    /// <summary>To reroute: true for their recipients' own route instead.</summary>
    public bool OwnRoute { get; init; }

    public string[]? Ids { get; init; }

    public MessageFilter? Filter { get; init; }

    /// <summary>Has to be true for an order for every message.</summary>
    public bool All { get; init; }

    /// <summary>With a filter or for all: where to go on, as the answer before told.</summary>
    public string? Cursor { get; init; }

    /// <summary>With a filter or for all: messages at most.</summary>
    public int? Limit { get; init; }

    public QueueOrder ToOrder(string by)
    {
        if ((Ids is null ? 0 : 1) + (Filter is null ? 0 : 1) + (All ? 1 : 0) != 1)
            throw ApiException.Wrong("One of ids, filter and all says which messages are meant.");
        if (Limit is < 1 or > QueueDesk.MostOrdered)
            throw ApiException.Wrong($"limit: from 1 to {QueueDesk.MostOrdered}.");
        if (Action == QueueAction.Reroute ? (To is null) != OwnRoute : To is not null || OwnRoute)
            throw ApiException.Wrong("reroute, and nothing else, takes either to, the domain whose route the messages take, or ownRoute: true for their recipients' own.");
        var order = new QueueOrder(Action, by) { Cursor = Cursor, RoutingDomain = To };
        if (Ids is not null)
            return order with { Ids = [.. Ids.Select(ParseId)] };
        QueueFilter filter = Filter?.ToFilter() ?? new QueueFilter();
        if (!All && filter.IsEmpty)
            throw ApiException.Wrong("The filter says nothing; all: true is how every message is meant.");
        order = order with { Filter = filter };
        return Limit is { } limit ? order with { Most = limit } : order;
    }

    private static QueueId ParseId(string text) =>
        QueueId.TryParse(text, out QueueId id) ? id : throw ApiException.Wrong("ids: an id has 32 hexadecimal digits.");
}
