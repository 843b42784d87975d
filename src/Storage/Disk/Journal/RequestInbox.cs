using System.Diagnostics;

namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>
/// Where requests wait for the journal thread. Everything that gathers while a flush runs is taken at once; there is no timer for new
/// mail. Thread-safe for producers, with one consumer.
/// </summary>
internal sealed class RequestInbox
{
    private readonly object _gate = new();
    private readonly long _gatherTicks;
    private List<JournalRequest> _incoming = new(256);
    private int _urgent;
    private bool _sleeping;
    private bool _closed;

    /// <summary>Starts empty.</summary>
    /// <param name="gatherDelay">How long outcomes are gathered at most where they come thick and fast.</param>
    public RequestInbox(TimeSpan gatherDelay) => _gatherTicks = (long)(gatherDelay.TotalSeconds * Stopwatch.Frequency);

    /// <summary>Hands a request over; false where the journal has been closed.</summary>
    public bool TryAdd(JournalRequest request)
    {
        bool urgent = request.Class != RequestClass.Outcome;
        lock (_gate)
        {
            if (_closed)
                return false;
            _incoming.Add(request);
            if (urgent)
                _urgent++;
            // A consumer that sleeps over outcomes until the time to write them is not woken for one more of them.
            if (_sleeping && (urgent || _incoming.Count == 1))
                Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <summary>Takes no more requests; those that are in it are still handed out.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>
    /// Waits until there is something to do and exchanges <paramref name="taken"/>, which must be empty, for all that came in. Returns false
    /// where the inbox is closed and empty.
    /// </summary>
    /// <param name="taken">Receives the requests; may stay empty where the time to flush has come.</param>
    /// <param name="lastWrite">When the last write began, as a time stamp.</param>
    /// <param name="flushAt">When unflushed outcomes must be flushed, or <see cref="long.MaxValue"/>.</param>
    public bool Take(ref List<JournalRequest> taken, long lastWrite, long flushAt)
    {
        lock (_gate)
        {
            while (true)
            {
                if (_closed)
                    break;
                if (_urgent > 0)
                    break;
                long now = Stopwatch.GetTimestamp();
                long wakeAt = flushAt;
                if (_incoming.Count > 0)
                    wakeAt = Math.Min(wakeAt, lastWrite + _gatherTicks);
                if (now >= wakeAt)
                    break;
                _sleeping = true;
                if (wakeAt == long.MaxValue)
                    Monitor.Wait(_gate);
                else
                    Monitor.Wait(_gate, ToMilliseconds(wakeAt - now));
                _sleeping = false;
            }

            (taken, _incoming) = (_incoming, taken);
            _urgent = 0;
            return taken.Count > 0 || !_closed;
        }
    }

    private static int ToMilliseconds(long ticks) => (int)Math.Min(int.MaxValue, (ticks * 1000 / Stopwatch.Frequency) + 1);
}
