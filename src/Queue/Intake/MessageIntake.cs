using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Intake;

/// <summary>
/// Prepares a message for storage: detects loops, runs the policies, and splits what is left by recipient domain. Thread-safe.
/// </summary>
internal sealed class MessageIntake
{
    private readonly QueueIdGenerator _ids;
    private readonly int _maxReceived;
    private readonly HeaderEditing _editing;
    private volatile IQueuePolicy[] _policies;

    /// <summary>Makes an intake.</summary>
    /// <param name="policies">What is done with each message.</param>
    /// <param name="ids">Names parts and edited contents.</param>
    /// <param name="maxReceived">Received fields from which on a message is refused.</param>
    /// <param name="headerBudget">Octets of header sections that are edited at once.</param>
    public MessageIntake(IReadOnlyList<IQueuePolicy> policies, QueueIdGenerator ids, int maxReceived, long headerBudget)
    {
        _editing = new HeaderEditing(ids, new ContentBudget(headerBudget));
        _policies = [.. policies];
        _ids = ids;
        _maxReceived = maxReceived;
    }

    /// <summary>Has other policies for the messages from now on.</summary>
    public void SetPolicies(IReadOnlyList<IQueuePolicy> policies) => _policies = [.. policies];

    /// <summary>Prepares a message; fails as reading its content or a policy does.</summary>
    public ValueTask<PreparedMessage> PrepareAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        if (envelope.Recipients.Count == 0)
            return ValueTask.FromResult(PreparedMessage.Refused(QueueReplies.NoRecipients));
        ValueTask<HeaderFacts> headers = HeaderFacts.ScanAsync(envelope.Content, cancellationToken);
        return headers.IsCompletedSuccessfully ? PrepareAsync(envelope, headers.Result, cancellationToken) : InspectAndPrepareAsync(envelope, headers, cancellationToken);
    }

    private async ValueTask<PreparedMessage> InspectAndPrepareAsync(Envelope envelope, ValueTask<HeaderFacts> headers, CancellationToken cancellationToken) =>
        await PrepareAsync(envelope, await headers, cancellationToken);

    private ValueTask<PreparedMessage> PrepareAsync(Envelope envelope, HeaderFacts headers, CancellationToken cancellationToken)
    {
        // RFC 5321 section 6.3
        if (headers.ReceivedCount >= _maxReceived)
            return ValueTask.FromResult(PreparedMessage.Refused(QueueReplies.Loop));
        var message = new IncomingMessage(envelope, headers, _editing);
        // A message goes through the policies of one configuration, whatever changes meanwhile.
        IQueuePolicy[] policies = _policies;
        for (int i = 0; i < policies.Length; i++)
        {
            ValueTask applied;
            try
            {
                applied = policies[i].ApplyAsync(message, cancellationToken);
            }
            catch
            {
                message.Free();
                throw;
            }

            if (!applied.IsCompletedSuccessfully || message.Parts is not null || !message.Refusal.IsNone)
                return ApplyRestAsync(message, policies, i, applied, cancellationToken);
        }

        return ValueTask.FromResult(Finish(message));
    }

    private PreparedMessage Finish(IncomingMessage message)
    {
        Envelope envelope = message.Finish();
        if (envelope.Recipients.Count == 0)
        {
            message.Free();
            return PreparedMessage.Refused(QueueReplies.NoRecipients);
        }

        if (DomainSplit.IsOneDomain(envelope))
            return PreparedMessage.Of(envelope, message.TakeEdited());
        List<Envelope> parts = [];
        DomainSplit.Split(envelope, _ids, parts);
        return PreparedMessage.Of(parts, message.TakeEdited());
    }

    // The way of a message whose policies wait, split or refuse.
    private async ValueTask<PreparedMessage> ApplyRestAsync(IncomingMessage message, IQueuePolicy[] policies, int policy, ValueTask applied, CancellationToken cancellationToken)
    {
        List<Envelope> done = [];
        try
        {
            await applied;
            SmtpReply refusal = await ContinueAsync(message, policies, policy, done, cancellationToken);
            if (!refusal.IsNone)
                return PreparedMessage.Refused(refusal);
            return done.Count == 0 ? PreparedMessage.Refused(QueueReplies.NoRecipients) : PreparedMessage.Of(done, message.TakeEdited());
        }
        finally
        {
            message.Free();
        }
    }

    // Goes on behind a policy that was applied; parts go through the rest of the policies one after another, depth first.
    private async ValueTask<SmtpReply> ContinueAsync(IncomingMessage message, IQueuePolicy[] policies, int policy, List<Envelope> done, CancellationToken cancellationToken)
    {
        while (message.Refusal.IsNone && message.Parts is null && ++policy < policies.Length)
            await policies[policy].ApplyAsync(message, cancellationToken);
        if (!message.Refusal.IsNone)
            return message.Refusal;
        if (message.Parts is null)
        {
            Envelope envelope = message.Finish();
            if (envelope.Recipients.Count > 0)
                DomainSplit.Split(envelope, _ids, done);
            return default;
        }

        HashSet<QueueId> taken = [];
        foreach (Envelope part in message.Parts)
        {
            Envelope named = taken.Add(part.Id) ? part : part with { Id = _ids.Next() };
            IncomingMessage next = message.MakePart(named);
            try
            {
                SmtpReply refusal = await ContinueAsync(next, policies, policy, done, cancellationToken);
                if (!refusal.IsNone)
                    return refusal;
            }
            finally
            {
                next.Free();
            }
        }

        return default;
    }
}
