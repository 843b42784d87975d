using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace SlimtaFast.Relay.Pipe;

/// <summary>Reaps children when the system tells that some child ended (SIGCHLD). Thread-safe.</summary>
internal sealed class ChildWatch : IDisposable
{
    private readonly ConcurrentDictionary<ChildProcess, bool> _children = new();
    private readonly PosixSignalRegistration _registration;

    /// <summary>Begins to watch.</summary>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public ChildWatch()
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("Delivery to programs works on Linux only.");
        _registration = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => Sweep());
    }

    /// <summary>Watches a child that was started just now, until it has ended.</summary>
    public void Add(ChildProcess child)
    {
        _children[child] = true;
        // It may have ended before it was here.
        if (child.TryReap())
            _children.TryRemove(child, out _);
    }

    /// <summary>Ends the watching; children that still run are never reaped.</summary>
    public void Dispose() => _registration.Dispose();

    private void Sweep()
    {
        foreach ((ChildProcess child, _) in _children)
        {
            if (child.TryReap())
                _children.TryRemove(child, out _);
        }
    }
}
