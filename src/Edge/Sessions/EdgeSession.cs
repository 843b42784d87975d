using System.Diagnostics;
using System.Net;
using System.Text;
using SlimtaFast.Edge.Diagnostics;
using SlimtaFast.Edge.Limits;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Queue;

namespace SlimtaFast.Edge.Sessions;

/// <summary>
/// Answers the questions of one dialogue: limits, who may send where, where the content goes, and the hand-over to the queue. One object
/// per connection; the session calls it on one thread at a time.
/// </summary>
internal class EdgeSession : SmtpServerHandler
{
    private const int NamedRecipients = 10;

    private ClientFacts? _judged;
    private bool _trusted;
    private bool? _granted;
    private ClientKey _client;

    /// <summary>Makes the handler of a connection.</summary>
    public EdgeSession(EdgeResources edge) => Edge = edge;

    /// <summary>Messages accepted in this session.</summary>
    public int Accepted { get; private set; }

    /// <summary>Why something was refused last, or none.</summary>
    public RefusalReason LastRefusal { get; private set; }

    /// <summary>What all sessions share.</summary>
    protected EdgeResources Edge { get; }

    /// <summary>True where the client may send to any domain.</summary>
    public bool MayRelay(SmtpServerSession session)
    {
        if (_granted is { } granted)
            return granted;

        // Facts change only with a hello or TLS, and the address hardly ever does: judged once for each set of facts.
        ClientFacts facts = session.Client;
        if (!ReferenceEquals(facts, _judged))
        {
            _judged = facts;
            _trusted = Edge.Permission.IsTrusted(facts.Address);
        }

        return _trusted;
    }

    /// <summary>Lets the client send to any domain from now on, or no more, whatever its network is.</summary>
    public void Grant(bool mayRelay) => _granted = mayRelay;

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnConnectAsync(SmtpServerSession session, CancellationToken cancellationToken)
    {
        IPAddress? address = (session.Connection.RemoteEndPoint as IPEndPoint)?.Address;
        session.IsExempt = Edge.Admission.IsExempt(address);
        _client = Edge.Admission.GetClient(address);
        return default;
    }

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnMailAsync(SmtpServerSession session, MailTransaction transaction, CancellationToken cancellationToken) =>
        ValueTask.FromResult(JudgeMail(session, transaction));

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnRecipientAsync(SmtpServerSession session, MailTransaction transaction, Recipient recipient, CancellationToken cancellationToken) =>
        ValueTask.FromResult(JudgeRecipient(session, transaction, recipient));

    /// <inheritdoc/>
    public override ContentWriter BeginContent(SmtpServerSession session, MailTransaction transaction)
    {
        QueueId id = Edge.Ids.Next();
        if (!Edge.Queue.KeepsContents)
            return Edge.Queue.BeginContent(id, transaction.DeclaredSize);

        // A message that says it is large goes to the medium from its first octet: collecting a threshold's worth first would only
        // copy it once more.
        return transaction.DeclaredSize > Edge.ContentThreshold
            ? Edge.Queue.BeginContent(id, transaction.DeclaredSize)
            : new PooledContentWriter(id, Edge.ContentThreshold, Edge.Budget, Edge.BeginSpill);
    }

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnMessageAsync(SmtpServerSession session, MailTransaction transaction, MessageContent content, CancellationToken cancellationToken)
    {
        long started = Edge.Metrics.MeasuresTime ? Stopwatch.GetTimestamp() : 0;
        Envelope envelope = MakeEnvelope(session, transaction, content);
        ValueTask<EnqueueResult> pending;
        try
        {
            pending = Edge.Queue.EnqueueAsync(envelope, cancellationToken);
        }
        catch
        {
            content.Release();
            throw;
        }

        return pending.IsCompletedSuccessfully
            ? ValueTask.FromResult(Conclude(pending.Result, session, transaction, envelope, started))
            : AwaitQueueAsync(pending, session, transaction, envelope, started);
    }

    /// <inheritdoc/>
    public override SmtpReply OnContentFailed(SmtpServerSession session, Exception exception)
    {
        SmtpReply reply = EdgeReplies.ForFailure(exception);
        Edge.Log.ContentFailed(session.Connection.RemoteEndPoint, exception);
        Note(RefusedThing.Message, EdgeReplies.ReasonOf(reply));
        return reply;
    }

    /// <inheritdoc/>
    public override void OnCommandRefused(SmtpServerSession session, RefusalReason reason, ReadOnlySpan<byte> reply)
    {
        Note(reason == RefusalReason.TooManyRecipients ? RefusedThing.Recipient : RefusedThing.Command, reason);
        if (Edge.Log.TellsRefusedCommands)
            Edge.Log.CommandRefused(session.Client.Address, reason, Encoding.ASCII.GetString(reply).TrimEnd());
    }

    /// <inheritdoc/>
    public override void OnContentRefused(SmtpServerSession session, MailTransaction transaction, RefusalReason reason, ReadOnlySpan<byte> reply)
    {
        Note(RefusedThing.Message, reason);
        Tell(RefusedThing.Message, session, transaction, null, reason, Encoding.ASCII.GetString(reply).TrimEnd());
    }

    /// <summary>What the edge itself says to MAIL.</summary>
    protected SmtpReply JudgeMail(SmtpServerSession session, MailTransaction transaction)
    {
        RefusalReason shortage = Edge.Load.Shortage;
        if (shortage != RefusalReason.None)
            return Refuse(RefusedThing.Command, session, transaction, null, shortage, EdgeReplies.ShortOfResources);
        if (!session.IsExempt && !Edge.Admission.Clients.TrySend(_client))
            return Refuse(RefusedThing.Command, session, transaction, null, RefusalReason.MessageRate, EdgeReplies.TooManyMessages);
        return default;
    }

    /// <summary>What the edge itself says to RCPT.</summary>
    protected SmtpReply JudgeRecipient(SmtpServerSession session, MailTransaction transaction, Recipient recipient)
    {
        if (!MayRelay(session) && !Edge.Permission.Accepts(recipient.Address))
            return Refuse(RefusedThing.Recipient, session, transaction, recipient, RefusalReason.RelayDenied, EdgeReplies.RelayDenied);
        if (!session.IsExempt && !Edge.Admission.Clients.TryAddress(_client))
            return Refuse(RefusedThing.Recipient, session, transaction, recipient, RefusalReason.RecipientRate, EdgeReplies.TooManyRecipients);
        return default;
    }

    /// <summary>Counts and logs a refusal, and gives its reply back.</summary>
    protected SmtpReply Refuse(
        RefusedThing thing, SmtpServerSession session, MailTransaction? transaction, Recipient? recipient, RefusalReason reason, SmtpReply reply)
    {
        Note(thing, reason);
        Tell(thing, session, transaction, recipient, reason, reply.ToString());
        return reply;
    }

    /// <summary>The envelope of a message that is complete.</summary>
    protected Envelope MakeEnvelope(SmtpServerSession session, MailTransaction transaction, MessageContent content) => new()
    {
        Id = Edge.Ids.Next(),
        ReversePath = transaction.ReversePath,
        Recipients = transaction.Recipients,
        Content = content,
        ReceivedAt = Edge.Time.GetUtcNow(),
        Client = session.Client,
        Body = transaction.Body,
        SmtpUtf8 = transaction.SmtpUtf8,
        Return = transaction.Return,
        EnvelopeId = transaction.EnvelopeId,
    };

    /// <summary>Takes the queue's answer over: counts it and gives the content back.</summary>
    protected SmtpReply Conclude(EnqueueResult result, SmtpServerSession session, MailTransaction transaction, Envelope envelope, long started)
    {
        long length = envelope.Content.Length;
        envelope.Content.Release();
        transaction.PerRecipientReplies = result.PerRecipient;
        Edge.Metrics.Answered(result.Reply, length, started);
        if (result.Reply.IsPositive)
            Accepted++;
        else
            Refuse(RefusedThing.Message, session, transaction, null, EdgeReplies.ReasonOf(result.Reply), result.Reply);
        return result.Reply;
    }

    // As they stand between the angle brackets of the log line; a few tell enough.
    private static string NameRecipients(IReadOnlyList<Recipient> recipients) =>
        string.Join(">, <", recipients.Take(NamedRecipients).Select(r => r.Address.Address)) + (recipients.Count > NamedRecipients ? ">, <..." : "");

    private void Tell(RefusedThing thing, SmtpServerSession session, MailTransaction? transaction, Recipient? recipient, RefusalReason reason, string reply)
    {
        string? to = recipient?.Address.Address ?? (thing == RefusedThing.Message ? NameRecipients(transaction!.Recipients) : null);
        Edge.Log.Refused(thing, session.Client.Address, session.HelloName, transaction?.ReversePath.Address ?? "", to ?? "", reason, reply);
    }

    private void Note(RefusedThing thing, RefusalReason reason)
    {
        LastRefusal = reason;
        Edge.Metrics.Refused(thing, reason);
    }

    private async ValueTask<SmtpReply> AwaitQueueAsync(
        ValueTask<EnqueueResult> pending, SmtpServerSession session, MailTransaction transaction, Envelope envelope, long started)
    {
        EnqueueResult result;
        try
        {
            result = await pending;
        }
        catch
        {
            envelope.Content.Release();
            throw;
        }

        return Conclude(result, session, transaction, envelope, started);
    }
}
