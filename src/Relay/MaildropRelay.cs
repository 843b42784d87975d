using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Relay.Pipe;

namespace SlimtaFast.Relay;

/// <summary>
/// Delivers with Courier's maildrop: <c>maildrop -d {recipient.local} -f {sender}</c> for each recipient, whose local part is the user of
/// this machine (or of Courier's authentication library) to whose mailbox maildrop delivers. It has to run as root, or as that user. For one
/// filter file for all mail use a <see cref="PipeRelay"/> with <c>maildrop -f {sender} FILE</c>. Linux only. Thread-safe.
/// </summary>
public sealed class MaildropRelay : IRelay
{
    private const string Name = "maildrop";

    private readonly PipeDelivery _delivery;

    /// <summary>Makes a relay.</summary>
    /// <param name="options">How maildrop runs; null for the defaults.</param>
    /// <param name="time">The clock of time limits; null for the system's.</param>
    /// <param name="logger">Told of faults in the relay itself; null for nowhere.</param>
    /// <exception cref="ArgumentException">An option is impossible: a user that does not exist, say.</exception>
    /// <exception cref="FormatException">The path or an argument is none.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public MaildropRelay(MaildropRelayOptions? options = null, TimeProvider? time = null, ILogger<MaildropRelay>? logger = null)
    {
        options ??= new MaildropRelayOptions();
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

    private static PipeCommand MakeCommand(MaildropRelayOptions options) =>
        PipeCommand.ForKnown([options.Path, "-d", "{recipient.local}", "-f", "{sender}"], options.ExtraArguments);
}
