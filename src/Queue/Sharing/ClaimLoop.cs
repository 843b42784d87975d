using SlimtaFast.Queue.Scheduling;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Sharing;

/// <summary>
/// Claims what is due of a shared storage while there is room for it, and waits for the rest without polling: for a notice of another process, for the
/// time at which something is due, and for room. Thread-safe.
/// </summary>
internal sealed class ClaimLoop
{
    private const int AtOnce = 256;

    // A notice may get lost, and a process that was to look at an item may have died. With short leases it is less: no outage that leases did not outlast
    // may go unnoticed because nothing was asked for meanwhile.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    // After an outage that leases did not outlast, whoever has outcomes records them before others claim those items and deliver them again: longer than
    // a connection takes to be made anew and a recorder pauses.
    private static readonly TimeSpan SettlingTime = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly LeasedStorage _storage;
    private readonly Scheduler _scheduler;
    private readonly Func<string, NextHop> _getNextHop;
    private readonly Action _post;
    private readonly QueueEnvironment _environment;
    private readonly TimeSpan _longestWait;
    private TaskCompletionSource _wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset _nextDue = DateTimeOffset.MaxValue;
    private DateTimeOffset _waitsUntil = DateTimeOffset.MinValue;

    /// <summary>Makes a loop that has not begun.</summary>
    public ClaimLoop(LeasedStorage storage, Scheduler scheduler, Func<string, NextHop> getNextHop, Action post, QueueEnvironment environment)
    {
        _storage = storage;
        _scheduler = scheduler;
        _getNextHop = getNextHop;
        _post = post;
        _environment = environment;
        _longestWait = storage.RenewEvery < LongestWait ? storage.RenewEvery : LongestWait;
    }

    /// <summary>Claims until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using IDisposable watch = _storage.Watch(Wake);
        TimeSpan pause = FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan? wait;
            try
            {
                if (await _storage.ComeBackAsync(cancellationToken).ConfigureAwait(false))
                    await Task.Delay(SettlingTime, _environment.Time, cancellationToken).ConfigureAwait(false);
                wait = await ClaimAsync().ConfigureAwait(false);
                pause = FirstPause;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                if (cancellationToken.IsCancellationRequested)
                    return;
                QueueLog.ClaimingFailed(_environment.Logger, e);
                await Task.Delay(pause * (0.5 + _environment.Random()), _environment.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                continue;
            }

            if (wait is { } time)
                await WaitAsync(time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Has the loop look again now.</summary>
    public void Wake()
    {
        lock (_gate)
            _wake.TrySetResult();
    }

    /// <summary>Has the loop look again when an item is due that this process gave back.</summary>
    public void NoteDue(DateTimeOffset due)
    {
        lock (_gate)
        {
            if (due < _nextDue)
                _nextDue = due;
            if (due < _waitsUntil)
                _wake.TrySetResult();
        }
    }

    // How long to wait before the next claim; null for not at all.
    private async Task<TimeSpan?> ClaimAsync()
    {
        lock (_gate)
        {
            if (_wake.Task.IsCompleted)
                _wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _nextDue = DateTimeOffset.MaxValue;
        }

        // What is here already is kept; nothing is added that others could deliver.
        if (_scheduler.IsPaused)
            return _longestWait;
        if (!_storage.HasRoom)
        {
            _storage.WaitForRoom(Wake);
            return _longestWait;
        }

        ClaimResult result = await _storage.ClaimAsync(Math.Clamp(_storage.Room, 1, AtOnce)).ConfigureAwait(false);
        foreach (ClaimedItem item in result.Items)
            _scheduler.Load(item.Entry, _getNextHop(item.Entry.Domain));
        if (result.Items.Count > 0)
            _post();
        return result.NextIn is not { } next ? _longestWait : next <= TimeSpan.Zero ? null : next;
    }

    private async Task WaitAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        Task wake;
        lock (_gate)
        {
            DateTimeOffset now = _environment.Time.GetUtcNow();
            TimeSpan mine = _nextDue == DateTimeOffset.MaxValue ? _longestWait : _nextDue - now;
            time = new[] { time, mine, _longestWait }.Min();
            if (time <= TimeSpan.Zero)
                return;
            _waitsUntil = now + time;
            wake = _wake.Task;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(wake, Task.Delay(time, _environment.Time, ended.Token)).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        lock (_gate)
            _waitsUntil = DateTimeOffset.MinValue;
    }
}
