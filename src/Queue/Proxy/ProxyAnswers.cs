using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Proxy;

/// <summary>Collects what next hops said of a message's parts, and makes one answer of it. Not thread-safe.</summary>
/// <param name="envelope">The message as the client handed it over.</param>
internal sealed class ProxyAnswers(Envelope envelope)
{
    private readonly Dictionary<Recipient, SmtpReply> _byRecipient = new(ReferenceEqualityComparer.Instance);
    private SmtpReply _first;
    private SmtpReply _worst;
    private Mailbox _refused;
    private int _delivered;
    private int _all;

    /// <summary>True where the client hears an answer for each recipient (RFC 2033 section 4.2).</summary>
    public bool IsPerRecipient { get; } = envelope.Client.Protocol.Contains("LMTP", StringComparison.Ordinal);

    /// <summary>True where the client will be told to send it again, to all recipients.</summary>
    public bool IsForAgain => !IsPerRecipient && _worst.IsTransient;

    /// <summary>Takes what became of a part; a recipient that the report does not mention was not served.</summary>
    public void Add(Envelope part, DeliveryReport report)
    {
        for (int i = 0; i < part.Recipients.Count; i++)
        {
            SmtpReply reply = i < report.Outcomes.Count ? ProxyReplies.PassOn(report.Outcomes[i]) : ProxyReplies.Failed.Reply;
            _all++;
            if (_first.IsNone)
                _first = reply;
            if (reply.IsPositive)
                _delivered++;
            else if (IsWorse(reply, _worst))
                (_worst, _refused) = (reply, part.Recipients[i].Address);

            // The same recipient may stand in several parts: what is wrong in one is wrong.
            if (!_byRecipient.TryGetValue(part.Recipients[i], out SmtpReply other) || (!reply.IsPositive && IsWorse(reply, other)))
                _byRecipient[part.Recipients[i]] = reply;
        }
    }

    /// <summary>The answer to the client.</summary>
    public EnqueueResult Conclude()
    {
        if (_worst.IsNone)
            return IsPerRecipient && envelope.Recipients.Count > 1 ? new EnqueueResult(_first, PerRecipient()) : new EnqueueResult(_first);
        SmtpReply whole = _delivered == 0 ? _worst : ProxyReplies.ForSome(_worst, _refused, _delivered, _all);
        return IsPerRecipient ? new EnqueueResult(whole, PerRecipient()) : new EnqueueResult(whole);
    }

    // Where policies changed for whom it is, nobody has an answer of his own: a 250 must not hide a failure that came of the same recipient.
    private SmtpReply[] PerRecipient()
    {
        var replies = new SmtpReply[envelope.Recipients.Count];
        if (_byRecipient.Count != replies.Length || !envelope.Recipients.All(_byRecipient.ContainsKey))
        {
            Array.Fill(replies, _worst.IsNone ? _first : _worst);
            return replies;
        }

        for (int i = 0; i < replies.Length; i++)
            replies[i] = _byRecipient[envelope.Recipients[i]];
        return replies;
    }

    // Transient before permanent: a client that tries again loses nothing, one that gives up would give up for all.
    private static bool IsWorse(SmtpReply reply, SmtpReply than) => than.IsNone || than.IsPositive || (reply.IsTransient && than.IsPermanent);
}
