using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Scheduling;

/// <summary>How old what is queued is.</summary>
internal sealed partial class Scheduler
{
    // A million slots are looked through in some milliseconds, of which nobody has to wait for more than some microseconds.
    private const int SlotsAtOnce = 4096;

    /// <summary>When the oldest item that is not done came into being, as its name tells; null where there is none.</summary>
    public DateTimeOffset? FindOldest()
    {
        QueueId oldest = default;
        int from = 0;
        bool goesOn = true;
        while (goesOn)
        {
            lock (_gate)
                goesOn = _slots.FindOldest(from, SlotsAtOnce, ref oldest);
            from += SlotsAtOnce;
        }

        return oldest.IsNone ? null : oldest.CreatedAt;
    }
}
