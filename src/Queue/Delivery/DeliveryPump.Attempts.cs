using System.Diagnostics;
using System.Runtime.CompilerServices;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Scheduling;
using SlimtaFast.Queue.Sharing;
using SlimtaFast.Relay;

namespace SlimtaFast.Queue.Delivery;

/// <summary>One attempt, from its lease to its outcome.</summary>
internal sealed partial class DeliveryPump
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AttemptAsync(QueueWork work)
    {
        QueueItem item = work.Item!;
        HeldLease? lease = null;
        if (_leased is not null && (lease = _leased.BeginAttempt(work.Id, _cancel.Token)) is null)
        {
            Lose(work);
            return;
        }

        OpenRecipients open = OpenRecipients.Of(item);
        if (item.Envelope.Terms?.By is { } by && by.HasToReturn(Now))
        {
            if (lease is not null)
                _leased!.EndAttempt(lease);
            await ReturnAsync(work, open);
            return;
        }

        using Activity? activity = QueueTraces.BeginAttempt(item.Envelope, work.Hop.Name, item.State.Attempts + 1);
        long started = _environment.Time.GetTimestamp();
        DeliveryReport report;
        RelayUse use = _relay.Begin();
        try
        {
            var attempt = new DeliveryAttempt(item.State.Attempts + 1, open.Recipients) { RoutingDomain = item.State.RoutingDomain };
            report = lease is null
                ? await use.Relay.AttemptAsync(item.Envelope, attempt, _cancel.Token)
                : await AttemptLeasedAsync(use.Relay, item.Envelope, attempt, lease);
        }
        catch (OperationCanceledException) when (_cancel.IsCancellationRequested)
        {
            // Stopped: the item stays as it is stored.
            item.Envelope.Content.Release();
            return;
        }
        catch (OperationCanceledException) when (lease is { IsValid: false })
        {
            if (lease.IsReadToEnd)
                _metrics.PossiblyDelivered();
            Lose(work);
            return;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            QueueLog.RelayFailed(_environment.Logger, work.Id, work.Hop.Name, item.Envelope.Client.Session, e);
            var reply = SmtpReply.FromForeignText(451, new EnhancedStatus(4, 3, 0), $"Delivery failed here: {e.GetType().Name}");
            report = DeliveryReport.ForAll(open.Recipients.Count, new RecipientOutcome(OutcomeKind.Transient, reply));
        }
        finally
        {
            use.End();
        }

        DateTimeOffset now = Now;
        RecipientOutcome first = report.Outcomes.Count > 0 ? report.Outcomes[0] : default;
        if (report.PossiblyDelivered)
            _metrics.PossiblyDelivered();
        if (AttemptJudge.NeverBegan(report) && now - item.Envelope.ReleasedAt < _judge.MaxAge && !AttemptJudge.IsOverdue(item, now))
        {
            QueueLog.HopDown(_environment.Logger, item.Envelope, work.Hop.Name, first);
            if (_environment.Events is { } listener)
                AttemptEvents.NoteHopDown(listener, now, work.Hop.Name, item, open, report);
            _scheduler.AttemptFoundHopDown(work, first);
            item.Envelope.Content.Release();
            return;
        }

        Judgement judgement = _judge.Judge(item, open, report, now, _environment.Random());
        _scheduler.AttemptEnded(work, report.Hop, first);
        TimeSpan took = _environment.Time.GetElapsedTime(started);
        QueueLog.Attempted(_environment.Logger, work, item, judgement, first, took);
        NoteAttempt(work, judgement, first, now, took);
        _metrics.Attempted(item, judgement, now);
        QueueTraces.Tell(activity, judgement, first);
        if (_environment.Events is { } events)
            AttemptEvents.Note(events, now, work.Hop.Name, item, judgement);

        // The hop's next attempt does not wait for this one's outcome to be on stable storage.
        Task<bool> recorded = _recorder.RecordAsync(work.Slot, item, judgement);
        if (!recorded.IsCompleted)
            Run();
        if (!await recorded)
            NoteRefused(work.Id, judgement.Delivered);
    }

    // What is delivered at the first attempt costs nothing here.
    private void NoteAttempt(in QueueWork work, Judgement judgement, RecipientOutcome first, DateTimeOffset now, TimeSpan took)
    {
        if (judgement.Deferred > 0)
            _history.Add(work.Id, new PastAttempt(now, judgement.State.Attempts, work.Hop.Name, judgement.Delivered, judgement.Deferred, judgement.Failed, first, took));
        else if (judgement.State.Attempts > 1)
            _history.Forget(work.Id);
    }

    // The attempt ends where the lease can be relied on no more, and the content cannot be read to its end from then on.
    private async ValueTask<DeliveryReport> AttemptLeasedAsync(IRelay relay, Envelope envelope, DeliveryAttempt attempt, HeldLease lease)
    {
        var content = new LeasedContent(envelope.Content, lease);
        try
        {
            return await relay.AttemptAsync(envelope with { Content = content }, attempt, lease.Attempt!.Token);
        }
        finally
        {
            content.Release();
            _leased!.EndAttempt(lease);
        }
    }

    // Whoever has the item now delivers it again, where it was delivered here: the one duplicate that leases cannot spare.
    private void NoteRefused(QueueId id, int delivered)
    {
        QueueLog.OutcomeRefused(_environment.Logger, id, delivered);
        _metrics.OutcomeRefused();
        if (delivered > 0)
            _metrics.PossiblyDelivered();
    }

    private void Lose(in QueueWork work)
    {
        QueueLog.LeaseLost(_environment.Logger, work.Id);
        _metrics.LeaseLost();
        _scheduler.AttemptLost(work);
        _leased!.Forget(work.Id);
        work.Item!.Envelope.Content.Release();
    }

    // RFC 2852 section 4: what is too late is not delivered any more.
    private async ValueTask ReturnAsync(QueueWork work, OpenRecipients open)
    {
        DeliveryReport report = DeliveryReport.ForAll(open.Recipients.Count, AttemptJudge.TooLate);
        Judgement judgement = _judge.Judge(work.Item!, open, report, Now, _environment.Random());
        _scheduler.AttemptSpared(work);
        QueueLog.Attempted(_environment.Logger, work, work.Item!, judgement, AttemptJudge.TooLate, TimeSpan.Zero);
        _metrics.Attempted(work.Item!, judgement, Now);
        if (_environment.Events is { } events)
            AttemptEvents.Note(events, Now, work.Hop.Name, work.Item!, judgement);
        if (!await _recorder.RecordAsync(work.Slot, work.Item!, judgement))
            NoteRefused(work.Id, delivered: 0);
    }
}
