using System.Threading.Tasks.Sources;

namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>
/// A job that somebody awaits. Its end is posted to where it is awaited (a reactor, where that is the context) and never runs code of
/// others on the disk's thread. May be started again after its result was taken.
/// </summary>
internal abstract class DiskOperation<T> : IDiskJob, IValueTaskSource<T>, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<T> _core = new() { RunContinuationsAsynchronously = true };

    /// <inheritdoc/>
    public void Run()
    {
        T result;
        try
        {
            result = Execute();
        }
        catch (Exception e)
        {
            _core.SetException(e);
            return;
        }

        _core.SetResult(result);
    }

    /// <inheritdoc/>
    public T GetResult(short token) => _core.GetResult(token);

    /// <inheritdoc/>
    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    /// <summary>Has it done; for a result.</summary>
    public ValueTask<T> StartAsync(DiskWorkers workers)
    {
        Begin(workers);
        return new ValueTask<T>(this, _core.Version);
    }

    /// <summary>Has it done; for its end alone.</summary>
    public ValueTask StartWithoutResultAsync(DiskWorkers workers)
    {
        Begin(workers);
        return new ValueTask(this, _core.Version);
    }

    /// <summary>The blocking part.</summary>
    protected abstract T Execute();

    private void Begin(DiskWorkers workers)
    {
        _core.Reset();
        workers.Post(this);
    }
}
