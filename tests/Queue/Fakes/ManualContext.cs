namespace SlimtaFast.Queue.Tests.Fakes;

/// <summary>A reactor for tests: runs what is posted to it when it is told to, on the thread of the test.</summary>
internal sealed class ManualContext : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _posted = new();
    private readonly Lock _gate = new();

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
            _posted.Enqueue((d, state));
    }

    /// <summary>Runs everything posted, and what that posts, until nothing is left.</summary>
    public void Drain()
    {
        SynchronizationContext? before = Current;
        SetSynchronizationContext(this);
        try
        {
            while (TryTake(out (SendOrPostCallback Callback, object? State) next))
                next.Callback(next.State);
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <summary>Runs a piece of work here, until it has ended.</summary>
    public T Run<T>(Func<ValueTask<T>> work)
    {
        Task<T>? task = null;
        Post(_ => task = work().AsTask(), null);
        Drain();
        return task!.IsCompleted ? task.GetAwaiter().GetResult() : throw new InvalidOperationException("The work waits for something.");
    }

    private bool TryTake(out (SendOrPostCallback Callback, object? State) next)
    {
        lock (_gate)
            return _posted.TryDequeue(out next);
    }
}
