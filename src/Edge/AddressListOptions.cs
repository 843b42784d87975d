using SlimtaFast.Mail;

namespace SlimtaFast.Edge;

/// <summary>How a list of addresses is used. Immutable.</summary>
public sealed record AddressListOptions
{
    /// <summary>Whose addresses it judges.</summary>
    public required AddressListKind Kind { get; init; }

    /// <summary>True where the list is complete: what it does not name is refused with <see cref="Reply"/>. Default false.</summary>
    public bool IsComplete { get; init; }

    /// <summary>True to ask the list about clients that may relay too. Default false: such clients are let pass.</summary>
    public bool JudgesRelayingClients { get; init; }

    /// <summary>
    /// The reply where the list says "refuse" or does not name an address; none for <c>550 5.7.1 Sender refused</c>, or
    /// <c>550 5.1.1 No such recipient here</c>.
    /// </summary>
    public SmtpReply Reply { get; init; }
}
