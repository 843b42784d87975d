using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
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
    private bool? _grantedBeforeHello;
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

        // Facts change only with a hello, AUTH or TLS: judged once for each set of facts. Who has authenticated may send anywhere.
        ClientFacts facts = session.Client;
        if (!ReferenceEquals(facts, _judged))
        {
            _judged = facts;
            _trusted = facts.Identity is not null || Edge.Permission.IsTrusted(IsLocal(session) ? IPAddress.Loopback : facts.Address);
        }

        return _trusted;
    }

    /// <summary>True once the client was told of; with XCLIENT another one follows it.</summary>
    protected bool IsConnected { get; private set; }

    /// <summary>Lets the client send to any domain from now on, or no more, whatever its network is.</summary>
    public void Grant(SmtpServerSession session, bool mayRelay)
    {
        _granted = mayRelay;
        if (session.HelloName.Length == 0)
            _grantedBeforeHello = mayRelay;
    }

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnTlsAsync(SmtpServerSession session, CancellationToken cancellationToken)
    {
        // RFC 3207 section 4.2: what the client said in clear counts no more, and what was granted for it neither.
        _granted = _grantedBeforeHello;
        return default;
    }

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnConnectAsync(SmtpServerSession session, CancellationToken cancellationToken)
    {
        if (session.RemoteEndPoint != session.Connection.RemoteEndPoint)
            Edge.Log.SpeaksFor(session.Id, session.Connection.RemoteEndPoint, session.RemoteEndPoint);
        if (IsConnected)
            _granted = _grantedBeforeHello = null;
        IsConnected = true;
        IPAddress? address = (session.RemoteEndPoint as IPEndPoint)?.Address;
        session.IsExempt = Edge.Admission.IsExempt(address);
        _client = Edge.Admission.GetClient(address);
        return default;
    }

    /// <inheritdoc/>
    // RFC 4865 is for submission: a message that is held costs us, so not for strangers.
    public override bool MayHold(SmtpServerSession session) => MayRelay(session);

    /// <inheritdoc/>
    public override void OnEarlyInput(SmtpServerSession session, EarlyInput where)
    {
        Edge.Metrics.EarlyInput(where);
        Edge.Log.EarlyInput(session.Id, session.RemoteEndPoint, where);
    }

    /// <inheritdoc/>
    public override void OnForwarded(SmtpServerSession session) => Edge.Log.Forwarded(session.Id, session.RemoteEndPoint, session.Forwarded);

    /// <inheritdoc/>
    public override ValueTask<AuthenticationAnswer> OnAuthenticateAsync(SmtpServerSession session, AuthenticationRequest request, CancellationToken cancellationToken) =>
        Edge.Authenticator is null
            ? base.OnAuthenticateAsync(session, request, cancellationToken)
            : Edge.Authenticator.AnswerAsync(session.Id, session.Client.Address, request, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask<SmtpReply> OnAuthenticationEndAsync(SmtpServerSession session, AuthenticationResult result, CancellationToken cancellationToken)
    {
        SmtpReply reply = Edge.Authenticator is null ? default : await Edge.Authenticator.EndAsync(session.Id, session.Client.Address, result, Edge.Stopping);
        // The authenticator answers only where it shuts the client or the account out.
        if (!reply.IsNone)
            Note(RefusedThing.Command, RefusalReason.NotAuthenticated);
        return reply;
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
    public override ValueTask<SmtpReply> OnMessageAsync(SmtpServerSession session, MailTransaction transaction, MessageContent content, CancellationToken cancellationToken) =>
        EdgeTraces.AreWanted
            ? EnqueueTracedAsync(session, transaction, content, cancellationToken)
            : EnqueueAsync(session, transaction, content, session.Client, cancellationToken);

    /// <inheritdoc/>
    public override SmtpReply OnContentFailed(SmtpServerSession session, Exception exception)
    {
        SmtpReply reply = EdgeReplies.ForFailure(exception);
        Edge.Log.ContentFailed(session.Id, session.RemoteEndPoint, exception);
        Note(RefusedThing.Message, EdgeReplies.ReasonOf(reply));
        return reply;
    }

    /// <inheritdoc/>
    public override void OnCommandRefused(SmtpServerSession session, RefusalReason reason, ReadOnlySpan<byte> reply)
    {
        Note(reason is RefusalReason.TooManyRecipients or RefusalReason.TooManyDomains ? RefusedThing.Recipient : RefusedThing.Command, reason);
        if (Edge.Log.TellsRefusedCommands)
            Edge.Log.CommandRefused(session.Id, session.Client.Address, reason, Encoding.ASCII.GetString(reply).TrimEnd());
    }

    /// <inheritdoc/>
    public override void OnContentRefused(SmtpServerSession session, MailTransaction transaction, RefusalReason reason, ReadOnlySpan<byte> reply)
    {
        Note(RefusedThing.Message, reason);
        string text = Encoding.ASCII.GetString(reply).TrimEnd();
        Tell(RefusedThing.Message, session, transaction, null, reason, text);
        if (Edge.Events is { } events)
            RefusalEvents.Note(events, Edge.Time, session, transaction, null, reason, RefusalEvents.Parse(text));
    }

    /// <summary>What the edge itself says to MAIL.</summary>
    protected SmtpReply JudgeMail(SmtpServerSession session, MailTransaction transaction)
    {
        RefusalReason shortage = Edge.Load.Shortage;
        if (shortage != RefusalReason.None)
            return Refuse(RefusedThing.Command, session, transaction, null, shortage, EdgeReplies.ShortOfResources);
        if (!session.IsExempt && !Edge.Admission.Clients.TrySend(_client))
            return Refuse(RefusedThing.Command, session, transaction, null, RefusalReason.MessageRate, EdgeReplies.TooManyMessages);
        if (transaction.Terms is not { Priority: > 0 } terms || MayRelay(session))
            return default;

        // RFC 6710 section 5: anybody may step back, but not push ahead.
        DeliveryTerms lowered = terms with { Priority = 0 };
        transaction.Terms = lowered.IsEmpty ? null : lowered;
        return EdgeReplies.PriorityLowered;
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
        if (Edge.Events is { } events)
            RefusalEvents.Note(events, Edge.Time, session, transaction, recipient, reason, reply);
        return reply;
    }

    /// <summary>The envelope of a message that is complete.</summary>
    protected Envelope MakeEnvelope(ClientFacts client, MailTransaction transaction, MessageContent content) => new()
    {
        Id = Edge.Ids.Next(),
        ReversePath = transaction.ReversePath,
        Recipients = transaction.Recipients,
        Content = content,
        ReceivedAt = Edge.Time.GetUtcNow(),
        Client = client,
        Body = transaction.Body,
        SmtpUtf8 = transaction.SmtpUtf8,
        Return = transaction.Return,
        EnvelopeId = transaction.EnvelopeId,
        Terms = transaction.Terms,
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

    // Who may open our Unix-domain socket is a process of this machine, as one on the loopback address is. A proxy's word is not enough for that.
    private static bool IsLocal(SmtpServerSession session) =>
        session.ProxyHeader?.Source is null && session.Connection.LocalEndPoint is UnixDomainSocketEndPoint;

    // As they stand between the angle brackets of the log line; a few tell enough.
    private static string NameRecipients(IReadOnlyList<Recipient> recipients) =>
        string.Join(">, <", recipients.Take(NamedRecipients).Select(r => r.Address.Address)) + (recipients.Count > NamedRecipients ? ">, <..." : "");

    private void Tell(RefusedThing thing, SmtpServerSession session, MailTransaction? transaction, Recipient? recipient, RefusalReason reason, string reply)
    {
        string? to = recipient?.Address.Address ?? (thing == RefusedThing.Message ? NameRecipients(transaction!.Recipients) : null);
        Edge.Log.Refused(session.Id, thing, session.Client.Address, session.HelloName, transaction?.ReversePath.Address ?? "", to ?? "", reason, reply);
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

    private async ValueTask<SmtpReply> EnqueueTracedAsync(SmtpServerSession session, MailTransaction transaction, MessageContent content, CancellationToken cancellationToken)
    {
        using Activity? activity = EdgeTraces.BeginMessage(session);
        SmtpReply reply = await EnqueueAsync(session, transaction, content, EdgeTraces.Mark(session.Client, activity), cancellationToken);
        EdgeTraces.Tell(activity, reply);
        return reply;
    }

    private ValueTask<SmtpReply> EnqueueAsync(
        SmtpServerSession session, MailTransaction transaction, MessageContent content, ClientFacts client, CancellationToken cancellationToken)
    {
        long started = Edge.Metrics.MeasuresTime ? Stopwatch.GetTimestamp() : 0;
        Envelope envelope = MakeEnvelope(client, transaction, content);
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
}
