using System.Threading.Tasks.Sources;

namespace SlimtaFast.Server.Bench;

/// <summary>A wait that a <see cref="Pacer"/> completes; one for each load connection, used again and again.</summary>
internal sealed class PacedWait : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };

    /// <summary>Waits until a timestamp, in the context of the caller.</summary>
    public ValueTask UntilAsync(long due, Pacer pacer)
    {
        _core.Reset();
        var task = new ValueTask(this, _core.Version);
        pacer.Add(this, due);
        return task;
    }

    /// <summary>Ends the wait.</summary>
    public void Complete() => _core.SetResult(true);

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
