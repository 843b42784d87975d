using SlimtaFast.Mail;

namespace SlimtaFast.Protocol;

/// <summary>
/// One mail transaction from MAIL to the end of its data. Replaced as a whole, never cleared in parts, so that no error leaves half of
/// it behind. Not thread-safe; lives as long as the session handles it.
/// </summary>
public sealed class MailTransaction
{
    private readonly List<Recipient> _recipients = new(1);
    private readonly long _declaredSize = -1;

    /// <summary>Opens a transaction.</summary>
    public MailTransaction(Mailbox reversePath) => ReversePath = reversePath;

    /// <summary>MAIL's path.</summary>
    public Mailbox ReversePath { get; }

    /// <summary>Accepted recipients so far.</summary>
    public IReadOnlyList<Recipient> Recipients => _recipients;

    /// <summary>The SIZE parameter in octets, or null.</summary>
    public long? DeclaredSize
    {
        get => _declaredSize < 0 ? null : _declaredSize;
        init => _declaredSize = value ?? -1;
    }

    /// <summary>The BODY parameter.</summary>
    public BodyType Body { get; init; }

    /// <summary>True where SMTPUTF8 was given.</summary>
    public bool SmtpUtf8 { get; init; }

    /// <summary>The RET parameter.</summary>
    public DsnReturn Return { get; init; }

    /// <summary>The decoded ENVID parameter, or null.</summary>
    public string? EnvelopeId { get; init; }

    /// <summary>
    /// The AUTH parameter (RFC 4954 section 5): who submitted the message first, empty where that is not told, null where the parameter
    /// was not given. A client that has not authenticated is not believed: for it the text is empty.
    /// </summary>
    public string? Submitter { get; init; }

    /// <summary>
    /// What the client asked of the delivery in time (BY, HOLDFOR, HOLDUNTIL, MT-PRIORITY), or null. A handler may grant less: it puts
    /// other terms in its place and says so in its reply.
    /// </summary>
    public DeliveryTerms? Terms { get; set; }

    /// <summary>Replies for each recipient, set by the handler under LMTP where they are not all the same.</summary>
    public IReadOnlyList<SmtpReply>? PerRecipientReplies { get; set; }

    internal void Add(Recipient recipient) => _recipients.Add(recipient);
}
