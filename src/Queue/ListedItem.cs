using SlimtaFast.Mail;

namespace SlimtaFast.Queue;

/// <summary>An item of the queue as it was when it was looked at. What senders and next hops wrote is theirs, octet for octet. Immutable.</summary>
public sealed record ListedItem
{
    /// <summary>The item.</summary>
    public required QueueId Id { get; init; }

    /// <summary>Where it was.</summary>
    public required QueuePlace Place { get; init; }

    /// <summary>The message on its way. Its content is not to be read: it may be freed already.</summary>
    public required Envelope Envelope { get; init; }

    /// <summary>Where it stands.</summary>
    public required DeliveryState State { get; init; }

    /// <summary>Its next hop, as the relay names it at present.</summary>
    public required string NextHop { get; init; }

    /// <summary>Why it waited; null where it was gone from its place meanwhile.</summary>
    public ItemWait? Wait { get; init; }
}
