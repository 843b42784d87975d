using SlimtaFast.Relay;

namespace SlimtaFast.Queue.Delivery;

/// <summary>A relay and how many attempts run by it. Thread-safe.</summary>
internal sealed class RelayUse(IRelay relay)
{
    private readonly TaskCompletionSource _unused = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One for being the current relay, and one for each attempt.
    private int _uses = 1;

    /// <summary>The relay.</summary>
    public IRelay Relay => relay;

    /// <summary>Ends when it is not the current one any more and no attempt runs by it.</summary>
    public Task Unused => _unused.Task;

    /// <summary>Counts a use in; false where there was none left, so that the relay may be gone.</summary>
    public bool TryBegin()
    {
        int uses = Volatile.Read(ref _uses);
        while (uses > 0)
        {
            int seen = Interlocked.CompareExchange(ref _uses, uses + 1, uses);
            if (seen == uses)
                return true;
            uses = seen;
        }

        return false;
    }

    /// <summary>Counts a use out.</summary>
    public void End()
    {
        if (Interlocked.Decrement(ref _uses) == 0)
            _unused.TrySetResult();
    }
}
