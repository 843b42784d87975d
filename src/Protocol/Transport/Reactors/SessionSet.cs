using SlimtaFast.Protocol.Transport.Pipes;

namespace SlimtaFast.Protocol.Transport.Reactors;

/// <summary>The running sessions of a listener: starts them, disposes their connections, and knows when the last has ended. Thread-safe.</summary>
internal sealed class SessionSet(Func<Connection, Task> session)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Running sessions, and one for the listener itself until it is stopped.</summary>
    private int _running = 1;

    /// <summary>Ends with the last session after <see cref="Stop"/>.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Counts a session that is about to start.</summary>
    public void Enter() => Interlocked.Increment(ref _running);

    /// <summary>Starts a session that was counted, on the current thread, which is that of the connection's reactor.</summary>
    public void Start(ReactorConnection connection) => _ = RunAsync(connection);

    /// <summary>Counts a session out.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _running) == 0)
        {
            _ended.SetResult();
        }
    }

    /// <summary>No more sessions will start. To be called once.</summary>
    public void Stop() => Leave();

    private async Task RunAsync(ReactorConnection connection)
    {
        try
        {
            await session(connection);
        }
        catch (Exception exception)
        {
            connection.Reactor.Report(exception);
        }

        await connection.DisposeAsync();
        Leave();
    }
}
