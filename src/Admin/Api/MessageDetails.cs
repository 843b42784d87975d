using SlimtaFast.Queue;

namespace SlimtaFast.Admin.Api;

/// <summary>All that is known of a queued message but its content.</summary>
internal sealed record MessageDetails
{
    public required MessageSummary Message { get; init; }

    public required MessageWait Wait { get; init; }

    public required MessageRecipient[] Recipients { get; init; }

    /// <summary>The last attempts, the oldest first; those before the server's last start are forgotten.</summary>
    public required MessageAttempt[] Attempts { get; init; }

    public string? ClientAddress { get; init; }

    public required string ClientHello { get; init; }

    public required string Protocol { get; init; }

    public string? User { get; init; }

    public string? EnvelopeId { get; init; }

    public DateTimeOffset? HeldForSenderUntil { get; init; }

    public DateTimeOffset? DeliverBy { get; init; }

    public static MessageDetails Of(ItemDetails details)
    {
        ListedItem item = details.Item;
        return new MessageDetails
        {
            Message = MessageSummary.Of(item),
            Wait = MessageWait.Of(details.Wait),
            Recipients = [.. item.Envelope.Recipients.Select((recipient, i) => MessageRecipient.Of(recipient, item.State.Recipients[i]))],
            Attempts = [.. details.Attempts.Select(MessageAttempt.Of)],
            ClientAddress = item.Envelope.Client.Address?.ToString(),
            ClientHello = item.Envelope.Client.HelloName,
            Protocol = item.Envelope.Client.Protocol,
            User = item.Envelope.Client.Identity,
            EnvelopeId = item.Envelope.EnvelopeId,
            HeldForSenderUntil = item.Envelope.Terms?.HoldUntil,
            DeliverBy = item.Envelope.Terms?.By?.Deadline,
        };
    }
}
