namespace SlimtaFast.Mail;

/// <summary>
/// One message on its way: who sent it, for whom, what the edge knew, and its content. Immutable: policies make changed copies with
/// <c>with</c>, which share the content (whose reference count the copying code looks after).
/// </summary>
public sealed record Envelope
{
    // Kept as one number: an envelope is small and there are many of them.
    private readonly long _receivedTicks;

    /// <summary>The item's name in queue, logs and the 250 reply.</summary>
    public required QueueId Id { get; init; }

    /// <summary>The reverse-path; <see cref="Mailbox.Null"/> for bounces and other reports.</summary>
    public required Mailbox ReversePath { get; init; }

    /// <summary>For whom. A queued item has recipients of one domain only.</summary>
    public required IReadOnlyList<Recipient> Recipients { get; init; }

    /// <summary>The message. The envelope does not own a reference by itself: its holder does.</summary>
    public required MessageContent Content { get; init; }

    /// <summary>When the edge received the last octet, in UTC.</summary>
    public required DateTimeOffset ReceivedAt
    {
        get => new(_receivedTicks, TimeSpan.Zero);
        init => _receivedTicks = value.UtcTicks;
    }

    /// <summary>From whom the edge received it.</summary>
    public required ClientFacts Client { get; init; }

    /// <summary>Header fields that policies put in front of the content: complete lines, each ended by CRLF, the last added first.</summary>
    public ReadOnlyMemory<byte> AddedHeaders { get; init; }

    /// <summary>The BODY parameter.</summary>
    public BodyType Body { get; init; }

    /// <summary>True where MAIL had SMTPUTF8: the message needs a next hop that offers it (RFC 6531).</summary>
    public bool SmtpUtf8 { get; init; }

    /// <summary>The RET parameter.</summary>
    public DsnReturn Return { get; init; }

    /// <summary>The decoded ENVID parameter, or null.</summary>
    public string? EnvelopeId { get; init; }

    /// <summary>What the sender asked of the delivery in time, or null for nothing.</summary>
    public DeliveryTerms? Terms { get; init; }

    /// <summary>From when on its age counts: when it was received or, where the sender had it held, released (RFC 4865).</summary>
    public DateTimeOffset ReleasedAt => Terms?.HoldUntil is { } released && released > ReceivedAt ? released : ReceivedAt;

    /// <summary>Octets that a delivery carries: added header fields and content.</summary>
    public long Length => AddedHeaders.Length + Content.Length;

    /// <summary>
    /// The domain of the first recipient in lower case, which stands for all of a queued item; empty where it has none. Which way an item goes is said by
    /// <see cref="QueueItem.Domain"/>.
    /// </summary>
    public string Domain => Recipients.Count == 0 ? "" : Recipients[0].Address.GetRoutingDomain();

    /// <summary>
    /// The octets that a delivery carries as a read-only, seekable stream: added header fields, then content. It holds a reference of
    /// its own to the content until it is disposed. Read it asynchronously: reading synchronously fails with
    /// <see cref="NotSupportedException"/> where the content is not in memory.
    /// </summary>
    public Stream OpenStream() => new EnvelopeStream(AddedHeaders, Content);
}
