using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Relay.Pipe;

namespace SlimtaFast.Relay;

/// <summary>
/// Delivers with Dovecot's local delivery agent: <c>dovecot-lda -f {sender} -d {recipient} -e</c> for each recipient. <c>-e</c> keeps it from
/// sending bounces of its own; its refusals bounce here. Linux only. Thread-safe.
/// </summary>
public sealed class DovecotLdaRelay : IRelay
{
    private const string Name = "dovecot-lda";

    private readonly PipeDelivery _delivery;

    /// <summary>Makes a relay.</summary>
    /// <param name="options">How dovecot-lda runs; null for the defaults.</param>
    /// <param name="time">The clock of time limits; null for the system's.</param>
    /// <param name="logger">Told of faults in the relay itself; null for nowhere.</param>
    /// <exception cref="ArgumentException">An option is impossible: a user that does not exist, say.</exception>
    /// <exception cref="FormatException">The path or an argument is none.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public DovecotLdaRelay(DovecotLdaRelayOptions? options = null, TimeProvider? time = null, ILogger<DovecotLdaRelay>? logger = null)
    {
        options ??= new DovecotLdaRelayOptions();
        // Their option for the recipient takes one.
        _delivery = new PipeDelivery(MakeCommand(options), Name, options.Process with { RecipientsPerProcess = 1 }, isMailbox: true, time, logger);
    }

    /// <summary>The one hop for all domains: <c>pipe:</c> and the program.</summary>
    public string GetNextHop(string domain) => _delivery.Hop;

    /// <summary>As many as there may be processes: more would only wait.</summary>
    public int GetMaxAttempts(string domain) => _delivery.MaxProcesses;

    /// <inheritdoc cref="PipeRelay.AttemptAsync"/>
    public ValueTask<DeliveryReport> AttemptAsync(Envelope envelope, DeliveryAttempt attempt, CancellationToken cancellationToken) =>
        _delivery.AttemptAsync(envelope, attempt, cancellationToken);

    /// <summary>Ends programs that still run, and waits for their end.</summary>
    public ValueTask DisposeAsync() => _delivery.DisposeAsync();

    private static PipeCommand MakeCommand(DovecotLdaRelayOptions options) =>
        PipeCommand.ForKnown([options.Path, "-f", "{sender}", "-d", "{recipient}", "-e"], options.ExtraArguments);
}
