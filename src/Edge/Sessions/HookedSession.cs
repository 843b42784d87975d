using System.Diagnostics;
using SlimtaFast.Edge.Diagnostics;
using SlimtaFast.Edge.Hooks;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Queue;

namespace SlimtaFast.Edge.Sessions;

/// <summary>
/// A session in which hooks take part: what the edge itself objects to is decided first, then each hook is asked. Sessions of an edge
/// without hooks are never of this kind.
/// </summary>
internal sealed class HookedSession(EdgeResources edge) : EdgeSession(edge)
{
    private HookSession? _hooked;

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnConnectAsync(SmtpServerSession session, CancellationToken cancellationToken)
    {
        // Behind XCLIENT it is another client, of whom the hooks know nothing.
        if (_hooked is null || IsConnected)
            _hooked = new HookSession(session, this);
        ValueTask<SmtpReply> own = base.OnConnectAsync(session, cancellationToken);
        Debug.Assert(own.IsCompletedSuccessfully, "The edge itself never waits here.");
        return NoteAsync(
            RefusedThing.Connection, session, null, null, Edge.Hooks.AskAsync(_hooked, 0, static (hook, s, _, c) => hook.OnConnectAsync(s, c), cancellationToken));
    }

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnTlsAsync(SmtpServerSession session, CancellationToken cancellationToken)
    {
        // Under implicit TLS the handshake comes before anybody was asked about the connection.
        _hooked ??= new HookSession(session, this);
        ValueTask<SmtpReply> own = base.OnTlsAsync(session, cancellationToken);
        Debug.Assert(own.IsCompletedSuccessfully, "The edge itself never waits here.");
        return NoteAsync(RefusedThing.Connection, session, null, null, Edge.Hooks.AskAsync(_hooked, 0, static (hook, s, _, c) => hook.OnTlsAsync(s, c), cancellationToken));
    }

    /// <inheritdoc/>
    public override async ValueTask<SmtpReply> OnAuthenticationEndAsync(SmtpServerSession session, AuthenticationResult result, CancellationToken cancellationToken)
    {
        SmtpReply own = await base.OnAuthenticationEndAsync(session, result, cancellationToken);
        if (result.Outcome != AuthenticationOutcome.Succeeded || own is { IsNone: false, IsPositive: false })
            return own;
        SmtpReply asked = await NoteAsync(
            RefusedThing.Command, session, null, null, Edge.Hooks.AskAsync(_hooked!, result.UserName, static (hook, s, who, c) => hook.OnAuthAsync(s, who, c), cancellationToken));
        return asked.IsNone ? own : asked;
    }

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnHelloAsync(SmtpServerSession session, CancellationToken cancellationToken) =>
        NoteAsync(RefusedThing.Command, session, null, null, Edge.Hooks.AskAsync(_hooked!, 0, static (hook, s, _, c) => hook.OnHelloAsync(s, c), cancellationToken));

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnMailAsync(SmtpServerSession session, MailTransaction transaction, CancellationToken cancellationToken)
    {
        SmtpReply own = JudgeMail(session, transaction);
        return own.IsNone || own.IsPositive
            ? WordMailAsync(
                own,
                NoteAsync(
                    RefusedThing.Command, session, transaction, null, Edge.Hooks.AskAsync(_hooked!, transaction, static (hook, s, t, c) => hook.OnMailAsync(s, t, c), cancellationToken)))
            : ValueTask.FromResult(own);
    }

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnRecipientAsync(SmtpServerSession session, MailTransaction transaction, Recipient recipient, CancellationToken cancellationToken)
    {
        SmtpReply own = JudgeRecipient(session, transaction, recipient);
        return own.IsNone
            ? NoteAsync(
                RefusedThing.Recipient,
                session,
                transaction,
                recipient,
                Edge.Hooks.AskAsync(_hooked!, (transaction, recipient), static (hook, s, about, c) => hook.OnRecipientAsync(s, about.transaction, about.recipient, c), cancellationToken))
            : ValueTask.FromResult(own);
    }

    /// <inheritdoc/>
    public override ValueTask<SmtpReply> OnDataAsync(SmtpServerSession session, MailTransaction transaction, CancellationToken cancellationToken) =>
        NoteAsync(RefusedThing.Command, session, transaction, null, Edge.Hooks.AskAsync(_hooked!, transaction, static (hook, s, t, c) => hook.OnDataAsync(s, t, c), cancellationToken));

    /// <inheritdoc/>
    public override async ValueTask<SmtpReply> OnMessageAsync(SmtpServerSession session, MailTransaction transaction, MessageContent content, CancellationToken cancellationToken)
    {
        using Activity? activity = EdgeTraces.BeginMessage(session);
        bool isConcluded = false;
        try
        {
            var message = new HookMessage(MakeEnvelope(EdgeTraces.Mark(session.Client, activity), transaction, content));
            SmtpReply verdict = await NoteAsync(
                RefusedThing.Message, session, transaction, null, Edge.Hooks.AskAsync(_hooked!, message, static (hook, s, m, c) => hook.OnMessageAsync(s, m, c), cancellationToken));
            EdgeTraces.Tell(activity, verdict);
            if (_hooked!.IsDropped || HookChain.IsRefusal(in verdict))
                return verdict;
            if (message.IsDiscarded)
            {
                Edge.Log.Discarded(session.Id, message.Envelope.Id, session.RemoteEndPoint, message.Envelope.ReversePath.Address);
                return verdict;
            }

            long started = Edge.Metrics.MeasuresTime ? Stopwatch.GetTimestamp() : 0;
            Envelope envelope = message.Envelope;
            EnqueueResult result = await Edge.Queue.EnqueueAsync(envelope, cancellationToken);
            // The answers of a rewritten envelope's recipients are not those of the transaction's.
            if (envelope.Recipients.Count != transaction.Recipients.Count)
                result = new EnqueueResult(result.Reply);
            isConcluded = true;
            SmtpReply answer = Conclude(result, session, transaction, envelope, started);
            EdgeTraces.Tell(activity, answer);
            return await WordAsync(answer.IsPositive && !verdict.IsNone ? verdict : answer, envelope, result, cancellationToken);
        }
        finally
        {
            if (!isConcluded)
                content.Release();
        }
    }

    /// <inheritdoc/>
    public override void OnReset(SmtpServerSession session)
    {
        base.OnReset(session);
        foreach (SessionHook hook in Edge.Hooks.All)
            hook.OnReset(_hooked!);
    }

    /// <inheritdoc/>
    public override void OnDisconnect(SmtpServerSession session, SessionEndReason reason)
    {
        base.OnDisconnect(session, reason);
        if (_hooked is null)
            return;
        foreach (SessionHook hook in Edge.Hooks.All)
            hook.OnDisconnect(_hooked, reason);
    }

    // A hook's word goes before the edge's own "yes, but".
    private static async ValueTask<SmtpReply> WordMailAsync(SmtpReply own, ValueTask<SmtpReply> asked)
    {
        SmtpReply answer = await asked;
        return answer.IsNone ? own : answer;
    }

    private async ValueTask<SmtpReply> WordAsync(SmtpReply answer, Envelope envelope, EnqueueResult result, CancellationToken cancellationToken)
    {
        SmtpReply worded;
        try
        {
            worded = await Edge.Hooks.AskAsync(
                _hooked!, (envelope, result), static (hook, s, about, c) => hook.OnQueuedAsync(s, about.envelope, about.result, c), cancellationToken);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // The queue has the message: a client that were told of a fault would send it again.
            Edge.Log.QueuedHookFailed(envelope.Client.Session, answer.ToString(), failure);
            return answer;
        }

        if (worded.IsNone)
            return answer;
        if (worded.IsPositive == answer.IsPositive)
            return worded;
        Edge.Log.QueuedAnswerIgnored(envelope.Client.Session, worded.ToString(), answer.ToString());
        return answer;
    }

    private ValueTask<SmtpReply> NoteAsync(RefusedThing thing, SmtpServerSession session, MailTransaction? transaction, Recipient? recipient, ValueTask<SmtpReply> answer)
    {
        if (!answer.IsCompletedSuccessfully)
            return AwaitAsync(thing, session, transaction, recipient, answer);
        SmtpReply reply = answer.Result;
        Note(thing, session, transaction, recipient, in reply);
        return ValueTask.FromResult(reply);
    }

    private async ValueTask<SmtpReply> AwaitAsync(RefusedThing thing, SmtpServerSession session, MailTransaction? transaction, Recipient? recipient, ValueTask<SmtpReply> answer)
    {
        SmtpReply reply = await answer;
        Note(thing, session, transaction, recipient, in reply);
        return reply;
    }

    private void Note(RefusedThing thing, SmtpServerSession session, MailTransaction? transaction, Recipient? recipient, in SmtpReply reply)
    {
        if (_hooked!.IsDropped || HookChain.IsRefusal(in reply))
            Refuse(thing, session, transaction, recipient, _hooked.Reason, reply);
    }
}
