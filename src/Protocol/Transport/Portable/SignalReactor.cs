using SlimtaFast.Protocol.Transport.Pipes;
using SlimtaFast.Protocol.Transport.Reactors;

namespace SlimtaFast.Protocol.Transport.Portable;

/// <summary>A reactor that only runs what is posted to it: the framework's sockets bring their events by posting.</summary>
internal sealed class SignalReactor(string name, CoarseClock clock, Action<Exception>? unobservedFault) : Reactor(name, clock, unobservedFault)
{
    private readonly object _signal = new();
    private readonly HashSet<ReactorConnection> _live = [];
    private bool _signalled;

    /// <summary>Notes a connection, to end it with the reactor. On the reactor thread.</summary>
    public void Register(ReactorConnection connection) => _live.Add(connection);

    /// <summary>Forgets a connection. On the reactor thread.</summary>
    public void Forget(ReactorConnection connection) => _live.Remove(connection);

    protected override void Poll(bool mayWait)
    {
        if (mayWait)
        {
            lock (_signal)
            {
                while (!_signalled)
                {
                    Monitor.Wait(_signal);
                }

                _signalled = false;
            }
        }

        Awake();
    }

    protected override void Wake()
    {
        lock (_signal)
        {
            _signalled = true;
            Monitor.Pulse(_signal);
        }
    }

    protected override void End()
    {
        foreach (ReactorConnection connection in _live.ToArray())
        {
            connection.Abort();
        }
    }

    protected override void Release()
    {
    }
}
