using System.Diagnostics;

namespace SlimtaFast.Server.Bench;

/// <summary>
/// Wakes load connections at their intended times. One thread sleeps until the next one is due, to about a tenth of a millisecond,
/// because timers of the runtime are too coarse to measure latencies of one millisecond. Thread-safe.
/// </summary>
internal sealed class Pacer : IDisposable
{
    // Upper bound of one sleep, so that a wait that was added meanwhile and is due earlier is not late for long.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMilliseconds(1);

    private readonly Lock _lock = new();
    private readonly PriorityQueue<PacedWait, long> _waits = new();
    private readonly AutoResetEvent _added = new(false);
    private readonly Thread _thread;
    private volatile bool _stopping;

    /// <summary>Starts the thread.</summary>
    public Pacer()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "pacer" };
        _thread.Start();
    }

    /// <summary>Completes the wait at a timestamp of <see cref="Stopwatch"/>.</summary>
    public void Add(PacedWait wait, long due)
    {
        bool first;
        lock (_lock)
        {
            first = _waits.Count == 0;
            _waits.Enqueue(wait, due);
        }

        if (first)
            _added.Set();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping = true;
        _added.Set();
        _thread.Join();
        _added.Dispose();
    }

    private void Run()
    {
        while (!_stopping)
        {
            // Null for "nothing waits": a wait that is late may be late by any time, also by the one that stands for "infinite".
            TimeSpan? left = null;
            PacedWait? ready = null;
            lock (_lock)
            {
                if (_waits.TryPeek(out _, out long due))
                    left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
                if (left <= TimeSpan.Zero)
                    ready = _waits.Dequeue();
            }

            if (ready is not null)
                ready.Complete();
            else if (left is not { } time)
                _added.WaitOne();
            else
                FineSleep.For(time < LongestSleep ? time : LongestSleep);
        }
    }
}
