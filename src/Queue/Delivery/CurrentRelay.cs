using SlimtaFast.Relay;

namespace SlimtaFast.Queue.Delivery;

/// <summary>The relay that attempts go by, which another can replace while they run: each attempt ends by the relay that it began with. Thread-safe.</summary>
internal sealed class CurrentRelay(IRelay relay)
{
    private RelayUse _current = new(relay);

    /// <summary>The relay of the attempts that begin now, for what is asked without an attempt.</summary>
    public IRelay Relay => Volatile.Read(ref _current).Relay;

    /// <summary>The relay for an attempt; the use must be ended.</summary>
    public RelayUse Begin()
    {
        // Only where it was replaced in between is there a second round.
        while (true)
        {
            RelayUse use = Volatile.Read(ref _current);
            if (use.TryBegin())
                return use;
        }
    }

    /// <summary>Takes another relay for the attempts from now on; the task ends when none runs by the one before.</summary>
    public Task Replace(IRelay relay)
    {
        RelayUse before = Interlocked.Exchange(ref _current, new RelayUse(relay));
        before.End();
        return before.Unused;
    }
}
