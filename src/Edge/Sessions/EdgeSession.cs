using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Queue;

namespace SlimtaFast.Edge.Sessions;

/// <summary>
/// Answers the questions of one dialogue: who may send where, where the content goes, and the hand-over to the queue. One object per
/// connection; the session calls it on one thread at a time.
/// </summary>
internal sealed class EdgeSession : SmtpServerHandler
{
    private readonly EdgeResources _edge;
    private ClientFacts? _judged;
    private bool _trusted;

    /// <summary>Makes the handler of a connection.</summary>
    public EdgeSession(EdgeResources edge) => _edge = edge;

    /// <summary>Messages accepted in this session.</summary>
    public int Accepted { get; private set; }

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnConnectAsync(SmtpServerSession session, CancellationToken cancellationToken)
    {
        if (session.RemoteEndPoint != session.Connection.RemoteEndPoint)
            _edge.Log.SpeaksFor(session.Connection.RemoteEndPoint, session.RemoteEndPoint);
        return default;
    }

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnHelloAsync(SmtpServerSession session, CancellationToken cancellationToken)
    {
        // RFC 4865 is for submission: a message that is held costs us, so not for strangers.
        session.MayHold = session.Options.FutureRelease > TimeSpan.Zero && IsTrusted(session);
        return default;
    }

    /// <inheritdoc/>
    public override void OnEarlyInput(SmtpServerSession session, EarlyInput where)
    {
        _edge.Metrics.EarlyInput(where);
        _edge.Log.EarlyInput(session.RemoteEndPoint, where);
    }

    /// <inheritdoc/>
    public override void OnForwarded(SmtpServerSession session) => _edge.Log.Forwarded(session.RemoteEndPoint, session.Forwarded);

    /// <inheritdoc/>
    public override ValueTask<AuthenticationAnswer> OnAuthenticateAsync(SmtpServerSession session, AuthenticationRequest request, CancellationToken cancellationToken) =>
        _edge.Authenticator is null
            ? base.OnAuthenticateAsync(session, request, cancellationToken)
            : _edge.Authenticator.AnswerAsync(session.Client.Address, request, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnAuthenticationEndAsync(SmtpServerSession session, AuthenticationResult result, CancellationToken cancellationToken) =>
        _edge.Authenticator?.EndAsync(session.Client.Address, result, _edge.Stopping) ?? default;

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnMailAsync(SmtpServerSession session, MailTransaction transaction, CancellationToken cancellationToken)
    {
        if (transaction.Terms is not { Priority: > 0 } terms || IsTrusted(session))
            return default;

        // RFC 6710 section 5: anybody may step back, but not push ahead.
        DeliveryTerms lowered = terms with { Priority = 0 };
        transaction.Terms = lowered.IsEmpty ? null : lowered;
        return ValueTask.FromResult(EdgeReplies.PriorityLowered);
    }

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnRecipientAsync(SmtpServerSession session, MailTransaction transaction, Recipient recipient, CancellationToken cancellationToken)
    {
        if (IsTrusted(session) || _edge.Permission.Accepts(recipient.Address))
            return default;
        _edge.Metrics.RecipientRefused();
        _edge.Log.RelayDenied(session.Client.Address, transaction.ReversePath.Address, recipient.Address.Address);
        return ValueTask.FromResult(EdgeReplies.RelayDenied);
    }

    /// <inheritdoc/>
    public override ContentWriter BeginContent(SmtpServerSession session, MailTransaction transaction)
    {
        QueueId id = _edge.Ids.Next();
        if (!_edge.Queue.KeepsContents)
            return _edge.Queue.BeginContent(id, transaction.DeclaredSize);

        // A message that says it is large goes to the medium from its first octet: collecting a threshold's worth first would only
        // copy it once more.
        return transaction.DeclaredSize > _edge.ContentThreshold
            ? _edge.Queue.BeginContent(id, transaction.DeclaredSize)
            : new PooledContentWriter(id, _edge.ContentThreshold, _edge.Budget, _edge.BeginSpill);
    }

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnMessageAsync(SmtpServerSession session, MailTransaction transaction, MessageContent content, CancellationToken cancellationToken)
    {
        long started = _edge.Metrics.MeasuresTime ? Stopwatch.GetTimestamp() : 0;
        var envelope = new Envelope
        {
            Id = _edge.Ids.Next(),
            ReversePath = transaction.ReversePath,
            Recipients = transaction.Recipients,
            Content = content,
            ReceivedAt = _edge.Time.GetUtcNow(),
            Client = session.Client,
            Body = transaction.Body,
            SmtpUtf8 = transaction.SmtpUtf8,
            Return = transaction.Return,
            EnvelopeId = transaction.EnvelopeId,
            Terms = transaction.Terms,
        };

        ValueTask<EnqueueResult> pending;
        try
        {
            pending = _edge.Queue.EnqueueAsync(envelope, cancellationToken);
        }
        catch
        {
            content.Release();
            throw;
        }

        return pending.IsCompletedSuccessfully
            ? ValueTask.FromResult(Conclude(pending.Result, transaction, content, started))
            : AwaitQueueAsync(pending, transaction, content, started);
    }

    /// <inheritdoc/>
    public override SmtpReply OnContentFailed(SmtpServerSession session, Exception exception)
    {
        SmtpReply reply = EdgeReplies.ForFailure(exception);
        _edge.Log.ContentFailed(session.RemoteEndPoint, exception);
        _edge.Metrics.MessageRefused(reply);
        return reply;
    }

    private async ValueTask<SmtpReply> AwaitQueueAsync(ValueTask<EnqueueResult> pending, MailTransaction transaction, MessageContent content, long started)
    {
        EnqueueResult result;
        try
        {
            result = await pending;
        }
        catch
        {
            content.Release();
            throw;
        }

        return Conclude(result, transaction, content, started);
    }

    private SmtpReply Conclude(EnqueueResult result, MailTransaction transaction, MessageContent content, long started)
    {
        long length = content.Length;
        content.Release();
        transaction.PerRecipientReplies = result.PerRecipient;
        if (result.Reply.IsPositive)
            Accepted++;
        _edge.Metrics.Answered(result.Reply, length, started);
        return result.Reply;
    }

    // Who may open our Unix-domain socket is a process of this machine, as one on the loopback address is. A proxy's word is not enough for that.
    private static bool IsLocal(SmtpServerSession session) =>
        session.ProxyHeader?.Source is null && session.Connection.LocalEndPoint is UnixDomainSocketEndPoint;

    // Facts change only with a hello, AUTH or TLS: judged once for each set of facts. Who has authenticated may send anywhere.
    private bool IsTrusted(SmtpServerSession session)
    {
        ClientFacts facts = session.Client;
        if (!ReferenceEquals(facts, _judged))
        {
            _judged = facts;
            _trusted = facts.Identity is not null || _edge.Permission.IsTrusted(IsLocal(session) ? IPAddress.Loopback : facts.Address);
        }

        return _trusted;
    }
}
