namespace SlimtaFast.Mail.Serialization;

/// <summary>What was read of a head so far; it becomes a head only where no required section is missing.</summary>
internal struct HeadParts
{
    public bool HasNames;
    public QueueId ItemId;
    public QueueId ContentId;
    public long ContentLength;
    public uint ContentCrc;
    public ContentTraits ContentTraits;

    public bool HasEnvelope;
    public DateTimeOffset ReceivedAt;
    public BodyType Body;
    public bool SmtpUtf8;
    public DsnReturn Return;
    public string? EnvelopeId;
    public Mailbox ReversePath;

    public Recipient[]? Recipients;
    public ClientFacts? Client;
    public byte[]? AddedHeaders;
    public DeliveryState? State;
    public DeliveryTerms? Terms;
    public string? RoutingDomain;
    public string? TraceParent;

    /// <summary>Puts the parts together; false where one is missing or the state does not belong to the recipients.</summary>
    public readonly bool TryBuild(out EnvelopeHead? head)
    {
        head = null;
        if (!HasNames || !HasEnvelope || Recipients is null || Client is null || State is null || State.Recipients.Count != Recipients.Length)
            return false;
        var envelope = new Envelope
        {
            Id = ItemId,
            ReversePath = ReversePath,
            Recipients = Recipients,
            Content = null!,
            ReceivedAt = ReceivedAt,
            Client = TraceParent is null ? Client : Client with { TraceParent = TraceParent },
            AddedHeaders = AddedHeaders,
            Body = Body,
            SmtpUtf8 = SmtpUtf8,
            Return = Return,
            EnvelopeId = EnvelopeId,
            Terms = Terms,
        };
        DeliveryState state = RoutingDomain is null ? State : State with { RoutingDomain = RoutingDomain };
        head = new EnvelopeHead(new QueueItem(envelope, state), ContentId, ContentLength, ContentCrc, ContentTraits);
        return true;
    }
}
