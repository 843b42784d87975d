using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk;

/// <summary>What the scan of the spool has found so far, in the order of ids, for those who load meanwhile. Thread-safe.</summary>
internal sealed class LoadFeed
{
    private readonly Lock _gate = new();
    private readonly List<QueueId> _found = [];
    private TaskCompletionSource _changed = NewSignal();
    private bool _complete;

    /// <summary>How many were found.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _found.Count;
        }
    }

    /// <summary>Adds what was found; later than all before.</summary>
    public void Add(IReadOnlyCollection<QueueId> found)
    {
        if (found.Count == 0)
            return;
        TaskCompletionSource changed;
        lock (_gate)
        {
            _found.AddRange(found);
            changed = _changed;
            _changed = NewSignal();
        }

        changed.SetResult();
    }

    /// <summary>Nothing more comes.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            if (_complete)
                return;
            _complete = true;
        }

        _changed.SetResult();
    }

    /// <summary>Copies what was found from a number on; empty, at the end, where nothing more comes. Waits for more otherwise.</summary>
    public async ValueTask<QueueId[]> TakeAsync(int from, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_found.Count > from)
                    return [.. _found[from..]];
                if (_complete)
                    return [];

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
