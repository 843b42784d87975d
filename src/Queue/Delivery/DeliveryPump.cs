using SlimtaFast.Queue.Scheduling;
using SlimtaFast.Queue.Sharing;
using SlimtaFast.Relay;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Delivery;

/// <summary>
/// Does what the scheduler hands out: reads items back, attempts them, and has the outcomes recorded. Work is started on the thread where
/// it became possible, a bounded burst at a time, so that a reactor's other work comes in between. Thread-safe.
/// </summary>
internal sealed partial class DeliveryPump : IDisposable
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

    private void GiveBack()
    {
        if (_leased is not null && _scheduler.TakeAway() is { } away)
            _ = _leased.ReleaseAsync(away);
    }
}
