using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace SlimtaFast.TestKit;

/// <summary>A clock that a test moves, and that tells when somebody waits for it: so a server's wait can be ended that has yet to begin.</summary>
public sealed class WatchedTime : FakeTimeProvider
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<TimeSpan, SemaphoreSlim> _timers = new();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        TimersOf(dueTime).Release();
        return timer;
    }

    /// <summary>Waits until a timer of just this length has been started, another one at each call, and lets it end.</summary>
    public async Task PassAsync(TimeSpan wait)
    {
        if (!await TimersOf(wait).WaitAsync(Patience))
            throw new TimeoutException($"Nobody waits for {wait}.");
        Advance(wait);
    }

    private SemaphoreSlim TimersOf(TimeSpan wait) => _timers.GetOrAdd(wait, static _ => new SemaphoreSlim(0));
}
