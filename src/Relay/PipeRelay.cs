using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Relay.Pipe;

namespace SlimtaFast.Relay;

/// <summary>
/// Delivers by running a program for each recipient, or one for several, with the message on its standard input; the exit code decides
/// (sysexits.h), and its output is the reply. The whole message stands ready before the program starts, so that it never sees a cut one,
/// whatever becomes of us. Linux only. Thread-safe.
/// </summary>
public sealed class PipeRelay : IRelay
{
    private readonly PipeDelivery _delivery;

    /// <summary>Makes a relay.</summary>
    /// <param name="options">The program, and how it runs.</param>
    /// <param name="time">The clock of time limits; null for the system's.</param>
    /// <param name="logger">Told of faults in the relay itself; null for nowhere.</param>
    /// <exception cref="ArgumentException">An option is impossible: a user that does not exist, say.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public PipeRelay(PipeRelayOptions options, TimeProvider? time = null, ILogger<PipeRelay>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _delivery = new PipeDelivery(options.Command, Path.GetFileName(options.Command.Program), options.Process, isMailbox: false, time, logger);
    }

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
    public ValueTask DisposeAsync() => _delivery.DisposeAsync();
}
