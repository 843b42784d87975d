namespace SlimtaFast.Protocol.Transport.Reactors;

/// <summary>
/// A call to make on a reactor thread. The callback is a <see cref="SendOrPostCallback"/> or an <see cref="Action{T}"/> of object:
/// both kinds arrive on hot paths, and turning one into the other would allocate.
/// </summary>
internal readonly struct WorkItem
{
    private readonly Delegate _callback;
    private readonly object? _state;

    public WorkItem(Action<object?> callback, object? state)
    {
        _callback = callback;
        _state = state;
    }

    public WorkItem(SendOrPostCallback callback, object? state)
    {
        _callback = callback;
        _state = state;
    }

    public void Run()
    {
        if (_callback is SendOrPostCallback post)
        {
            post(_state);
        }
        else
        {
            ((Action<object?>)_callback)(_state);
        }
    }
}
