using SlimtaFast.Mail;
using SlimtaFast.Queue.Delivery;
using SlimtaFast.Queue.Intake;
using SlimtaFast.Queue.Proxy;
using SlimtaFast.Relay;

namespace SlimtaFast.Queue;

/// <summary>
/// Relays while the client waits, and passes the next hop's answer on: nothing is stored, tried again, or reported. A client of LMTP hears an
/// answer for each recipient. One of SMTP can hear only one, so it hears 250 only where every recipient has the message; where only some have
/// it, the answer is a refusal that says so, and a client that tries again sends it to them a second time. Thread-safe. The relay stays
/// the caller's.
/// </summary>
public sealed class ProxyQueue : IMailQueue, IAsyncDisposable
{
    private static readonly QueueSnapshot Empty = new(0, 0, 0, 0, 0, 0, []);

    private readonly CurrentRelay _relay;
    private readonly Func<QueueId, long?, ContentWriter> _beginContent;
    private readonly ProxyQueueOptions _options;
    private readonly QueueEnvironment _environment;
    private readonly MessageIntake _intake;
    private readonly QueueMetrics _metrics;
    private readonly SemaphoreSlim _places;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _works = 1;
    private int _stopping;

    /// <summary>Makes a queue.</summary>
    /// <param name="relay">Who delivers.</param>
    /// <param name="beginContent">Starts a content that is too large to wait in memory for its one attempt.</param>
    /// <param name="options">The settings; throws <see cref="ArgumentException"/> where one makes no sense.</param>
    /// <param name="policies">What is done with each message before it is relayed, in this order; see <see cref="QueuePolicies"/>.</param>
    /// <param name="environment">Clock, log and the like, or null for the defaults.</param>
    public ProxyQueue(
        IRelay relay, Func<QueueId, long?, ContentWriter> beginContent, ProxyQueueOptions options, IReadOnlyList<IQueuePolicy> policies, QueueEnvironment? environment = null)
    {
        ArgumentNullException.ThrowIfNull(relay);
        ArgumentNullException.ThrowIfNull(beginContent);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(policies);
        options.Validate();
        _relay = new CurrentRelay(relay);
        _beginContent = beginContent;
        _options = options;
        _environment = environment ?? new QueueEnvironment();
        _intake = new MessageIntake(policies, _environment.Ids ?? new QueueIdGenerator(_environment.Time), options.MaxReceivedFields, options.HeaderBudget);
        _places = new SemaphoreSlim(options.MaxAttempts);
        _metrics = new QueueMetrics(_environment.Meters, () => Empty with { Active = _options.MaxAttempts - _places.CurrentCount }, static () => TimeSpan.Zero);
    }

    /// <inheritdoc/>
    public ContentWriter BeginContent(QueueId id, long? sizeHint) => _beginContent(id, sizeHint);

    /// <inheritdoc/>
    public async ValueTask<EnqueueResult> EnqueueAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        if (!TryBegin())
            return Refuse(envelope, QueueReplies.Stopping);
        try
        {
            using var limit = new CancellationTokenSource(_options.Timeout, _environment.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stop.Token, cancellationToken);
            return await RelayAsync(envelope, either.Token);
        }
        finally
        {
            End();
        }
    }

    /// <summary>Refuses new mail, and ends when the messages under way have their answers; when <paramref name="giveUp"/> fires they get one that asks to try again.</summary>
    public async Task StopAsync(CancellationToken giveUp)
    {
        if (Interlocked.Exchange(ref _stopping, 1) == 0)
            End();
        await using CancellationTokenRegistration cut = giveUp.UnsafeRegister(static stop => ((CancellationTokenSource)stop!).Cancel(), _stop);
        await _idle.Task;
    }

    /// <summary>Breaks off what is under way, where it was not stopped.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await StopAsync(CancellationToken.None);
        _metrics.Dispose();
        _places.Dispose();
        _stop.Dispose();
    }

    /// <summary>
    /// Goes by other policies, and by another relay where there is one, for the messages from now on. The task ends when the relay before is in
    /// use no more: it stays the caller's, as the new one does.
    /// </summary>
    /// <param name="policies">What is done with each message before it is relayed, in this order.</param>
    /// <param name="relay">Who delivers; null for who did so before.</param>
    public Task ApplyAsync(IReadOnlyList<IQueuePolicy> policies, IRelay? relay = null)
    {
        ArgumentNullException.ThrowIfNull(policies);
        _intake.SetPolicies(policies);
        return relay is null ? Task.CompletedTask : _relay.Replace(relay);
    }

    private bool TryBegin()
    {
        Interlocked.Increment(ref _works);
        if (Volatile.Read(ref _stopping) == 0)
            return true;
        End();
        return false;
    }

    private void End()
    {
        if (Interlocked.Decrement(ref _works) == 0)
            _idle.TrySetResult();
    }

    private async ValueTask<EnqueueResult> RelayAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        if (envelope.Terms?.HoldUntil is { } until && until > _environment.Time.GetUtcNow())
            return Refuse(envelope, ProxyReplies.CannotHold);
        PreparedMessage prepared;
        try
        {
            prepared = await _intake.PrepareAsync(envelope, cancellationToken);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            QueueLog.PreparingFailed(_environment.Logger, envelope.Id, envelope.Client.Session, e);
            return Refuse(envelope, QueueReplies.Failed);
        }

        if (!prepared.Refusal.IsNone)
            return Refuse(envelope, prepared.Refusal);
        using EditedContents? edited = prepared.Edited;
        List<Envelope> parts = prepared.Single is { } single ? [single] : prepared.Parts!;
        var answers = new ProxyAnswers(envelope);
        foreach (Envelope part in parts)
        {
            // Nobody else should get now what will come again. A refusal for good is different: the others would never get it.
            if (answers.IsForAgain)
                break;
            answers.Add(part, await AttemptAsync(part, cancellationToken));
        }

        EnqueueResult result = answers.Conclude();
        if (!result.Reply.IsPositive)
            return Refuse(envelope, result);
        _metrics.Accepted();
        QueueLog.Accepted(_environment.Logger, envelope, parts.Count);
        return result;
    }

    private async ValueTask<DeliveryReport> AttemptAsync(Envelope part, CancellationToken cancellationToken)
    {
        long started = _environment.Time.GetTimestamp();
        bool hasPlace = false;
        DeliveryReport report;
        RelayUse? use = null;
        try
        {
            await _places.WaitAsync(cancellationToken);
            hasPlace = true;
            use = _relay.Begin();
            report = await use.Relay.AttemptAsync(part, new DeliveryAttempt(1, part.Recipients), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            report = DeliveryReport.ForAll(part.Recipients.Count, hasPlace ? ProxyReplies.TimedOut : ProxyReplies.TooMany, HopCondition.Busy, possiblyDelivered: hasPlace);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            QueueLog.RelayFailed(_environment.Logger, part.Id, part.Domain, part.Client.Session, e);
            report = DeliveryReport.ForAll(part.Recipients.Count, ProxyReplies.Failed);
        }
        finally
        {
            use?.End();
            if (hasPlace)
                _places.Release();
        }

        if (report.PossiblyDelivered)
            _metrics.PossiblyDelivered();
        _metrics.Proxied(part, report, _environment.Time.GetUtcNow());
        QueueLog.Proxied(_environment.Logger, part, report, _environment.Time.GetElapsedTime(started));
        if (_environment.Events is { } events)
            AttemptEvents.Note(events, _environment.Time.GetUtcNow(), part, report);
        return report;
    }

    private EnqueueResult Refuse(Envelope envelope, SmtpReply reply) => Refuse(envelope, new EnqueueResult(reply));

    private EnqueueResult Refuse(Envelope envelope, EnqueueResult result)
    {
        QueueLog.Refused(_environment.Logger, envelope.Id, result.Reply, envelope.Client.Session);
        _metrics.Refused(result.Reply);
        return result;
    }
}
