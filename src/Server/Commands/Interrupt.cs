using System.Runtime.InteropServices;

namespace SlimtaFast.Server.Commands;

/// <summary>Turns the first SIGINT or SIGTERM into a cancellation, so that a command can still report; a second one ends the process.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly TaskCompletionSource _fired;
    private readonly CancellationTokenRegistration _cancelled;
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;

    /// <summary>Starts to listen for signals.</summary>
    public Interrupt(CancellationToken cancellationToken)
    {
        _fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _cancelled = _source.Token.Register(() => _fired.TrySetResult());
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
    }

    /// <summary>Fires with the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Ends with the first signal.</summary>
    public Task Fired => _fired.Task;

    /// <inheritdoc/>
    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _cancelled.Dispose();
        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = !_source.IsCancellationRequested;
        _source.Cancel();
    }
}
