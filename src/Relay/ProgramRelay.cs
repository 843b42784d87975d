using SlimtaFast.Mail;
using SlimtaFast.Relay.Pipe;

namespace SlimtaFast.Relay;

/// <summary>What relays have in common that deliver by running a program. Linux only. Thread-safe.</summary>
public abstract class ProgramRelay : IRelay
{
    private readonly PipeDelivery _delivery;

    private protected ProgramRelay(PipeDelivery delivery) => _delivery = delivery;

    /// <summary>The one hop for all domains: <c>pipe:</c> and the program.</summary>
    public string GetNextHop(string domain) => _delivery.Hop;

    /// <summary>As many as there may be processes: more would only wait.</summary>
    public int GetMaxAttempts(string domain) => _delivery.MaxProcesses;

    /// <summary>
    /// Runs the program. Where the attempt is cancelled while one runs, its process group is ended, what earlier runs achieved is reported,
    /// and the rest is transient.
    /// </summary>
    public ValueTask<DeliveryReport> AttemptAsync(Envelope envelope, DeliveryAttempt attempt, CancellationToken cancellationToken) =>
        _delivery.AttemptAsync(envelope, attempt, cancellationToken);

    /// <summary>Ends programs that still run, and waits for their end.</summary>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _delivery.DisposeAsync();
    }
}
