using System.Diagnostics;
using System.Runtime.CompilerServices;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Scheduling;
using SlimtaFast.Queue.Sharing;
using SlimtaFast.Relay;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Delivery;

/// <summary>
/// Does what the scheduler hands out: reads items back, attempts them, and has the outcomes recorded. Work is started on the thread where
/// it became possible, a bounded burst at a time, so that a reactor's other work comes in between. Thread-safe.
/// </summary>
internal sealed class DeliveryPump : IDisposable
{
    private const int Burst = 32;
    private const int DueAtOnce = 256;
    private static readonly TimeSpan LeastCutting = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReadAgain = TimeSpan.FromMinutes(1);

    [ThreadStatic]
    private static DeliveryPump? _running;

    private readonly Scheduler _scheduler;
    private readonly IQueueStorage _storage;
    private readonly LeasedStorage? _leased;
    private readonly CurrentRelay _relay;
    private readonly OutcomeRecorder _recorder;
    private readonly QueueMetrics _metrics;
    private readonly AttemptHistory _history;
    private readonly QueueEnvironment _environment;
    private readonly CancellationTokenSource _cancel = new();
    private readonly TaskCompletionSource _idle = new();
    private volatile AttemptJudge _judge;
    private int _works = 1;
    private int _posted;
    private int _thread;

    /// <summary>Makes a pump; nothing runs until <see cref="Run"/> or <see cref="Post"/>.</summary>
    public DeliveryPump(
        Scheduler scheduler, IQueueStorage storage, IRelay relay, AttemptJudge judge, OutcomeRecorder recorder, QueueMetrics metrics, AttemptHistory history, QueueEnvironment environment)
    {
        _scheduler = scheduler;
        _storage = storage;
        _leased = storage as LeasedStorage;
        _relay = new CurrentRelay(relay);
        _judge = judge;
        _recorder = recorder;
        _metrics = metrics;
        _history = history;
        _environment = environment;
    }

    private DateTimeOffset Now => _environment.Time.GetUtcNow();

    /// <summary>Starts what can be started, here and now; what is left after a burst is posted.</summary>
    public void Run()
    {
        // Work that ends at once calls this again from inside: the loop below goes on with it, without growing the stack.
        if (_running is not null)
        {
            if (_running != this)
                Post();
            return;
        }

        _running = this;
        try
        {
            for (int i = 0; i < Burst; i++)
            {
                if (!_scheduler.TryTake(out QueueWork work))
                    return;
                Start(work);
            }

            Post();
        }
        finally
        {
            _running = null;
            GiveBack();
        }
    }

    /// <summary>Has <see cref="Run"/> called soon: on this thread where it has a context, so that the caller's reply goes out first.</summary>
    public void Post()
    {
        if (Interlocked.Exchange(ref _posted, 1) != 0)
            return;
        SynchronizationContext? context = SynchronizationContext.Current;
        if (context is null && _environment.Threads.Count > 0)
            context = _environment.Threads[(int)((uint)Interlocked.Increment(ref _thread) % (uint)_environment.Threads.Count)];
        if (context is not null)
            context.Post(static pump => ((DeliveryPump)pump!).RunPosted(), this);
        else
            ThreadPool.UnsafeQueueUserWorkItem(static pump => pump.RunPosted(), this, preferLocal: false);
    }

    /// <summary>Makes ready what is due, or everything that waits.</summary>
    public void Advance(bool all = false)
    {
        var due = new DueItem[DueAtOnce];
        int count;
        do
        {
            count = _scheduler.TakeDue(due, all);
            for (int i = 0; i < count; i++)
                _scheduler.MakeReady(due[i].Slot, GetNextHop(due[i].Domain));
        }
        while (count == due.Length);
        _scheduler.ArmTimer();
        if (_environment.Threads.Count > 0)
            Post();
        else
            Run();
    }

    /// <summary>The next hop of a domain.</summary>
    public NextHop GetNextHop(string domain)
    {
        try
        {
            IRelay relay = _relay.Relay;
            return new NextHop(relay.GetNextHop(domain), relay.GetMaxAttempts(domain));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Each domain by itself then: the attempt will tell what is wrong.
            QueueLog.NoNextHop(_environment.Logger, domain, e);
            return new NextHop(domain);
        }
    }

    /// <summary>Has attempts judged another way from now on.</summary>
    public void Judge(AttemptJudge judge) => _judge = judge;

    /// <summary>Delivers by another relay from now on; the task ends when no attempt runs by the one before.</summary>
    public Task ReplaceRelay(IRelay relay) => _relay.Replace(relay);

    /// <summary>Ends when all work that runs has ended; attempts are cancelled after the grace time.</summary>
    public async Task StopAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        _scheduler.Stop();
        EndWork();
        try
        {
            await _idle.Task.WaitAsync(grace, _environment.Time, cancellationToken);
            return;
        }
        catch (TimeoutException)
        {
            QueueLog.CuttingAttempts(_environment.Logger, _scheduler.GetSnapshot(withHops: false).Active);
        }

        _recorder.HurryUp();
        _cancel.Cancel();
        try
        {
            await _idle.Task.WaitAsync(grace + LeastCutting, _environment.Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            QueueLog.LeavingWork(_environment.Logger, Volatile.Read(ref _works));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cancel.Dispose();

    private void RunPosted()
    {
        Volatile.Write(ref _posted, 0);
        Run();
    }

    private void Start(in QueueWork work)
    {
        Interlocked.Increment(ref _works);
        _ = DoAsync(work);
    }

    private async Task DoAsync(QueueWork work)
    {
        try
        {
            switch (work.Kind)
            {
                case WorkKind.Attempt:
                    await AttemptAsync(work);
                    break;
                case WorkKind.Read:
                    await ReadAsync(work);
                    break;
                default:
                    await ReviewAsync(work);
                    break;
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A fault of the queue itself: the item stays in storage, and is not touched again before the next start.
            QueueLog.WorkBroke(_environment.Logger, work.Id, e);
            _leased?.Forget(work.Id);
        }

        Run();
        EndWork();
    }

    /// <summary>Begins a piece of work that stopping waits for; false where everything has ended already.</summary>
    public bool TryBeginWork()
    {
        int works = Volatile.Read(ref _works);
        while (works > 0)
        {
            int before = Interlocked.CompareExchange(ref _works, works + 1, works);
            if (before == works)
                return true;
            works = before;
        }

        return false;
    }

    /// <summary>Ends a piece of work.</summary>
    public void EndWork()
    {
        if (Interlocked.Decrement(ref _works) == 0)
            _idle.TrySetResult();
    }

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

    private void GiveBack()
    {
        if (_leased is not null && _scheduler.TakeAway() is { } away)
            _ = _leased.ReleaseAsync(away);
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ReadAsync(QueueWork work)
    {
        QueueItem? item = await TryReadAsync(work);
        if (item is not null)
            _scheduler.ReadEnded(work, item);
    }

    private async ValueTask ReviewAsync(QueueWork work)
    {
        QueueItem? item = await TryReadAsync(work);
        if (item is null)
            return;
        Judgement? judgement = _judge.Review(item, work.Hop.LastTrouble, Now);
        if (judgement is null)
        {
            item.Envelope.Content.Release();
            _scheduler.ReviewEnded(work, item);
            return;
        }

        _scheduler.ReviewRecords(work);
        QueueLog.Reviewed(_environment.Logger, work, item, judgement);
        _metrics.Reviewed(judgement);
        if (_environment.Events is { } events)
            AttemptEvents.NoteReviewed(events, Now, work.Hop.Name, item, judgement);
        if (!await _recorder.RecordAsync(work.Slot, item, judgement))
            NoteRefused(work.Id, delivered: 0);
    }

    // Null where there is nothing to go on with; the scheduler knows already.
    private async ValueTask<QueueItem?> TryReadAsync(QueueWork work)
    {
        if (_leased is not null && !_leased.IsHeld(work.Id))
        {
            QueueLog.LeaseLost(_environment.Logger, work.Id);
            _metrics.LeaseLost();
            _scheduler.ReadFoundNothing(work);
            _leased.Forget(work.Id);
            return null;
        }

        try
        {
            QueueItem? item = await _storage.ReadAsync(work.Id, _cancel.Token);
            if (item is { State.IsClosed: false })
                return item;
            item?.Envelope.Content.Release();
            _scheduler.ReadFoundNothing(work);
            _leased?.Forget(work.Id);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            if (!_cancel.IsCancellationRequested)
                QueueLog.ReadFailed(_environment.Logger, work.Id, e);
            _scheduler.ReadFailed(work, Now + (ReadAgain * (1 + _environment.Random())));
        }

        return null;
    }
}
