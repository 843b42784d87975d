namespace SlimtaFast.Protocol.Transport.Reactors;

/// <summary>
/// A call to make on a reactor thread. The callback is a <see cref="SendOrPostCallback"/> or an <see cref="Action{T}"/> of object:
/// both kinds arrive on hot paths, and turning one into the other would allocate.
/// </summary>
internal readonly struct WorkItem(Delegate callback, object? state)
{
    public void Run()
    {
        if (callback is SendOrPostCallback post)
        {
            post(state);
        }
        else
        {
            ((Action<object?>)callback)(state);
        }
    }
}
