namespace SlimtaFast.Relay.Pipe;

/// <summary>
/// A running child, the leader of its own process group. Its id stays its own until it was reaped, and signals are sent only before that, so
/// that none ever reaches a stranger. Thread-safe.
/// </summary>
internal sealed class ChildProcess
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<ChildExit> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _id;
    private bool _isDoomed;
    private bool _isReaped;

    /// <summary>Wraps a child that was started just now.</summary>
    public ChildProcess(int id) => _id = id;

    /// <summary>The process id.</summary>
    public int Id => _id;

    /// <summary>Completes when it has ended and was reaped.</summary>
    public Task<ChildExit> Exit => _exit.Task;

    /// <summary>
    /// Sends a signal to the process group, and sees to it that nothing of the group is left when the leader has ended. False where the
    /// leader had ended by itself before: its exit is its own then.
    /// </summary>
    public bool TryEnd(int signal)
    {
        if (TryReap())
            return false;
        lock (_lock)
        {
            if (_isReaped)
                return false;
            _isDoomed = true;
            _ = Libc.Signal(-_id, signal);
            return true;
        }
    }

    /// <summary>Reaps the child where it has ended; false while it runs.</summary>
    public bool TryReap()
    {
        ChildExit exit;
        lock (_lock)
        {
            if (_isReaped)
                return true;
            int ended = Libc.HasEnded(_id);
            if (ended == 0)
                return false;
            if (ended < 0)
            {
                // Not ours to reap any more, and so the id may be another's.
                exit = ChildExit.Unknown;
            }
            else
            {
                // The group keeps its id while its ended leader is not reaped.
                if (_isDoomed)
                    _ = Libc.Signal(-_id, Libc.Kill);
                if (Libc.Reap(_id, out exit) < 0)
                    exit = ChildExit.Unknown;
            }

            _isReaped = true;
        }

        _exit.TrySetResult(exit);
        return true;
    }
}
