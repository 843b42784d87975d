using SlimtaFast.Mail;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Scheduling;

/// <summary>
/// Makes what is stored known to the scheduler at start, while deliveries and new mail go on. Items accepted meanwhile may turn up in the
/// listing as well; they are told apart by <see cref="Note"/>. Thread-safe.
/// </summary>
internal sealed class BacklogLoader
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly IQueueStorage _storage;
    private readonly Scheduler _scheduler;
    private readonly Func<string, NextHop> _getNextHop;
    private readonly Action _post;
    private readonly QueueEnvironment _environment;
    private readonly HashSet<QueueId> _early = [];
    private HashSet<QueueId>? _accepted = [];
    private QueueId _last;
    private int _count;

    /// <summary>Makes a loader that has not begun.</summary>
    public BacklogLoader(IQueueStorage storage, Scheduler scheduler, Func<string, NextHop> getNextHop, Action post, QueueEnvironment environment)
    {
        _storage = storage;
        _scheduler = scheduler;
        _getNextHop = getNextHop;
        _post = post;
        _environment = environment;
    }

    /// <summary>Notes an item before it is stored, so that its listing is passed over; costs nothing once all is loaded.</summary>
    public void Note(QueueId id)
    {
        if (Volatile.Read(ref _accepted) is null)
            return;
        lock (_gate)
            _accepted?.Add(id);
    }

    /// <summary>Loads everything; where the storage fails it goes on after a while. Ends when done or cancelled.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        long started = _environment.Time.GetTimestamp();
        while (!await TryLoadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (cancellationToken.IsCancellationRequested)
                return;
            await Task.Delay(Pause, _environment.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        lock (_gate)
            _accepted = null;
        _early.Clear();
        QueueLog.Loaded(_environment.Logger, _count, _environment.Time.GetElapsedTime(started).TotalSeconds);
    }

    private async Task<bool> TryLoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (QueueEntry entry in _storage.LoadAsync(cancellationToken).ConfigureAwait(false))
                Load(entry);
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            if (!cancellationToken.IsCancellationRequested)
                QueueLog.LoadingFailed(_environment.Logger, _count, e);
            return false;
        }
    }

    private void Load(in QueueEntry entry)
    {
        // The listing is in the order of names but for those that are early, so that one that was broken off goes on behind the last name.
        if (!entry.IsEarly)
        {
            if (entry.Id <= _last)
                return;
            _last = entry.Id;
        }

        if (entry.IsEarly ? !_early.Add(entry.Id) : _early.Contains(entry.Id))
            return;
        lock (_gate)
        {
            if (_accepted!.Contains(entry.Id))
                return;
        }

        _count++;
        bool due = entry.DueAt <= _environment.Time.GetUtcNow();
        if (_scheduler.Load(entry, due ? _getNextHop(entry.Domain) : null))
            _post();
    }
}
