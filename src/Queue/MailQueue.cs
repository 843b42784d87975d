using System.Diagnostics;
using System.Runtime.CompilerServices;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Bounces;
using SlimtaFast.Queue.Delivery;
using SlimtaFast.Queue.Intake;
using SlimtaFast.Queue.Scheduling;
using SlimtaFast.Queue.Sharing;
using SlimtaFast.Relay;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue;

/// <summary>
/// The local queue: stores a message before it answers for it, and delivers it by way of a relay, now or later. On an
/// <see cref="ISharedQueueStorage"/> it is one of several, and delivers what it claims. All members are thread-safe. Storage and relay stay the
/// caller's: started before the queue is, and disposed after it was stopped.
/// </summary>
public sealed class MailQueue : IMailQueue, IAsyncDisposable
{
    private readonly IQueueStorage _storage;
    private readonly LeasedStorage? _leased;
    private readonly MailQueueOptions _options;
    private readonly ReportFactory _reports;
    private readonly QueueEnvironment _environment;
    private readonly MessageIntake _intake;
    private readonly Scheduler _scheduler;
    private readonly BacklogLoader? _loader;
    private readonly ClaimLoop? _claims;
    private readonly DeliveryPump _pump;
    private readonly OutcomeRecorder _recorder;
    private readonly QueueMetrics _metrics;
    private readonly Withdrawals _withdrawals;
    private readonly CancellationTokenSource _stop = new();
    private Task? _loading;
    private int _stopping;

    /// <summary>Makes a queue; nothing happens until <see cref="StartAsync"/>.</summary>
    /// <param name="storage">Where items are kept.</param>
    /// <param name="relay">Who delivers them.</param>
    /// <param name="options">The settings; throws <see cref="ArgumentException"/> where one makes no sense.</param>
    /// <param name="policies">What is done with each message before it is stored, in this order; see <see cref="QueuePolicies"/>.</param>
    /// <param name="environment">Clock, log and the like, or null for the defaults.</param>
    public MailQueue(IQueueStorage storage, IRelay relay, MailQueueOptions options, IReadOnlyList<IQueuePolicy> policies, QueueEnvironment? environment = null)
    {
        ArgumentNullException.ThrowIfNull(storage);
        ArgumentNullException.ThrowIfNull(relay);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(policies);
        options.Validate();
        _options = options;
        _environment = environment ?? new QueueEnvironment();
        if (storage is ISharedQueueStorage shared)
            _leased = new LeasedStorage(shared, new LeaseTerms(options.LeaseTime, options.MaxLeased), options.Hold, _environment);
        _storage = _leased ?? storage;
        _withdrawals = new Withdrawals(_storage, _leased is not null, options.LeaseTime, _environment, _stop.Token);
        QueueIdGenerator ids = _environment.Ids ?? new QueueIdGenerator(_environment.Time);
        _intake = new MessageIntake(policies, ids, options.MaxReceivedFields, options.HeaderBudget);
        _scheduler = new Scheduler(
            new SchedulerLimits(options.Hold, options.MaxAttempts, options.MaxUnrecorded, options.ResidentItems, options.ResidentOctets, options.DelayNotice, options.Retry.MaxAge,
                Shared: _leased is not null, HopReady: Math.Max(1, options.MaxLeased / 4)),
            new HopLimits(options.HopInitialAttempts, options.HopMaxAttempts, options.HopReadAhead, options.HopRetryFirst, options.HopRetryMost),
            _environment.Time, _environment.Random, () => _pump!.Advance());
        _metrics = new QueueMetrics(_environment.Meters, () => GetSnapshot(), GetOldestAge);
        _reports = new ReportFactory(options, ids, _metrics, _environment);
        _recorder = new OutcomeRecorder(_scheduler, _storage, _reports, NoteReport, Accept, _environment);
        var judge = new AttemptJudge(options.Retry, options.DelayNotice);
        var history = new AttemptHistory(options.RememberedAttempts);
        _pump = new DeliveryPump(_scheduler, _storage, relay, judge, _recorder, _metrics, history, _environment);
        Desk = new QueueDesk(_scheduler, _storage, _pump, _recorder, _metrics, history, () => _loader is not null && Loading is not { IsCompleted: true }, options.Hold, ids, _environment);
        if (_leased is null)
            _loader = new BacklogLoader(storage, _scheduler, _pump.GetNextHop, _pump.Post, _environment);
        else if (!options.Hold)
            _leased.NoteDue = (_claims = new ClaimLoop(_leased, _scheduler, _pump.GetNextHop, _pump.Post, _environment)).NoteDue;
    }

    /// <summary>What an operator may see and do.</summary>
    public QueueDesk Desk { get; }

    /// <summary>Starts to deliver, and to load what the storage holds; deliveries begin while loading goes on. The storage must be started.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_loading is not null)
            throw new InvalidOperationException("A queue is started once.");
        _loading = _loader?.LoadAsync(_stop.Token) ?? _claims?.RunAsync(_stop.Token) ?? Task.CompletedTask;
        return Task.CompletedTask;
    }

    /// <summary>
    /// Changes while the queue runs what can change: the schedule and the age of the delay notice, for whatever is judged from now on; the policies,
    /// for messages from now on; and the relay, for attempts from now on. Items that wait keep the due times that they have. Everything
    /// else of the options stays what it was. The task ends when no attempt runs by the relay before, which stays the caller's, as the new one does.
    /// </summary>
    /// <param name="retry">When messages are tried again and given up.</param>
    /// <param name="delayNotice">Age at which a delay is reported.</param>
    /// <param name="policies">What is done with each message before it is stored, in this order.</param>
    /// <param name="relay">Who delivers; null for who did so before.</param>
    public Task ApplyAsync(RetrySchedule retry, TimeSpan delayNotice, IReadOnlyList<IQueuePolicy> policies, IRelay? relay = null)
    {
        ArgumentNullException.ThrowIfNull(retry);
        ArgumentNullException.ThrowIfNull(policies);
        MailQueueOptions options = _options with { Retry = retry, DelayNotice = delayNotice };
        options.Validate();
        _intake.SetPolicies(policies);
        _reports.Apply(options);
        _pump.Judge(new AttemptJudge(retry, delayNotice));
        _scheduler.SetAges(delayNotice, retry.MaxAge);
        if (relay is null)
            return Task.CompletedTask;
        Task unused = _pump.ReplaceRelay(relay);
        // A hop that was down may be another server now: nobody should wait for it as long as for the old one.
        _scheduler.ResumeHops();
        _pump.Post();
        return unused;
    }

    /// <summary>
    /// Refuses new mail, starts no more attempts, lets running ones end for <see cref="MailQueueOptions.StopGrace"/> and cancels the rest, and
    /// ends when all outcomes are recorded, or when even that takes as long again. What is left is in storage.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopping, 1) != 0)
            return;
        _stop.Cancel();
        if (_loading is not null)
            await _loading;
        await _pump.StopAsync(_options.StopGrace, cancellationToken);
        if (_leased is not null)
            await _leased.ReleaseAllAsync();
    }

    /// <inheritdoc/>
    public ContentWriter BeginContent(QueueId id, long? sizeHint) => _storage.BeginContent(id, sizeHint);

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<EnqueueResult> EnqueueAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        if (Volatile.Read(ref _stopping) != 0)
            return Refuse(envelope, QueueReplies.Stopping);
        PreparedMessage prepared;
        QueueItem[] items;
        try
        {
            prepared = await _intake.PrepareAsync(envelope, cancellationToken);
            if (!prepared.Refusal.IsNone)
                return Refuse(envelope, prepared.Refusal);
            items = prepared.MakeItems(_environment.Time.GetUtcNow());
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            QueueLog.PreparingFailed(_environment.Logger, envelope.Id, envelope.Client.Session, e);
            return Refuse(envelope, QueueReplies.Failed);
        }

        try
        {
            foreach (QueueItem item in items)
                _loader?.Note(item.Envelope.Id);
            try
            {
                using Activity? activity = QueueTraces.BeginStore(items);
                await _storage.WriteAsync(items, cancellationToken);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                return StoringFailed(envelope, items, e);
            }

            foreach (QueueItem item in items)
                Accept(item);
        }
        finally
        {
            prepared.Edited?.Dispose();
        }

        _metrics.Accepted();
        QueueLog.Accepted(_environment.Logger, items[0].Envelope, items.Length);
        return new EnqueueResult(QueueReplies.Queued(items[0].Envelope.Id));
    }

    /// <summary>
    /// Makes every waiting item due now, and has suspended next hops tried now. A holding queue goes on holding, and what waits in a storage that
    /// processes share goes on waiting.
    /// </summary>
    public void Flush() => _pump.Advance(all: true);

    /// <summary>Ends when everything stored is known, or with the queue on a shared storage; null before the start.</summary>
    internal Task? Loading => _loading;

    /// <summary>What the queue holds at present; cheap without <paramref name="withHops"/>.</summary>
    public QueueSnapshot GetSnapshot(bool withHops = false) => _scheduler.GetSnapshot(withHops);

    /// <summary>
    /// How old the oldest item is that this process knows of; zero where there is none. Cheap, but where the one that was the oldest before is done, it looks
    /// at every item: some milliseconds for a million.
    /// </summary>
    public TimeSpan GetOldestAge()
    {
        QueueId oldest = _scheduler.FindOldest();
        TimeSpan age = oldest.IsNone ? TimeSpan.Zero : _environment.Time.GetUtcNow() - oldest.CreatedAt;
        return age > TimeSpan.Zero ? age : TimeSpan.Zero;
    }

    /// <summary>Stops the queue where that was not done.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _scheduler.Dispose();
        _pump.Dispose();
        _recorder.Dispose();
        if (_leased is not null)
            await _leased.DisposeAsync();
        _metrics.Dispose();
        _stop.Dispose();
    }

    private void Accept(QueueItem item)
    {
        // Somebody claims it when it is due.
        if (_leased is not null && !_leased.Keep(item.Envelope.Id))
            return;
        string domain = item.Domain;
        if (_scheduler.Accept(item, domain, _options.Hold ? default : _pump.GetNextHop(domain)) || _scheduler.HasAway)
            _pump.Post();
    }

    private void NoteReport(QueueId report) => _loader?.Note(report);

    private EnqueueResult Refuse(Envelope envelope, SmtpReply reply)
    {
        QueueLog.Refused(_environment.Logger, envelope.Id, reply, envelope.Client.Session);
        _metrics.Refused(reply);
        return new EnqueueResult(reply);
    }

    private EnqueueResult StoringFailed(Envelope envelope, QueueItem[] items, Exception exception)
    {
        StorageFailure failure = exception switch
        {
            StorageException known => known.Failure,
            OperationCanceledException => StorageFailure.DeadlinePassed,
            _ => StorageFailure.Unavailable,
        };

        // A storage that is away says so with each message: its words are enough.
        bool isKnown = exception is StorageException or OperationCanceledException;
        QueueLog.StoringFailed(_environment.Logger, envelope.Id, failure, exception.Message, envelope.Client.Session, isKnown ? null : exception);
        if (failure == StorageFailure.DeadlinePassed)
        {
            // The client will send it again, so what may have been stored must not be delivered too.
            _metrics.PossiblyStored();
            _withdrawals.Begin(items.Select(static item => item.Envelope.Id));
        }

        return Refuse(envelope, QueueReplies.For(failure));
    }
}
