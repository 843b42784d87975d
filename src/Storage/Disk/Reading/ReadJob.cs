using System.Threading.Tasks.Sources;

namespace SlimtaFast.Storage.Disk.Reading;

/// <summary>A read that a worker thread does for somebody who awaits it exactly once. Its result goes back on the waiter's own context.</summary>
internal abstract class ReadJob<T> : IWorkItem, IValueTaskSource<T>
{
    private ManualResetValueTaskSourceCore<T> _source = new() { RunContinuationsAsynchronously = true };

    /// <summary>The end of the read.</summary>
    public ValueTask<T> Task => new(this, _source.Version);

    /// <inheritdoc/>
    public void Run()
    {
        T result;
        try
        {
            result = Read();
        }
        catch (Exception e)
        {
            // Whatever it is, it is the waiter's to handle, and the worker goes on.
            _source.SetException(e);
            return;
        }

        _source.SetResult(result);
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    /// <inheritdoc/>
    public T GetResult(short token) => _source.GetResult(token);

    /// <summary>Does the read; may block and throw.</summary>
    protected abstract T Read();
}
