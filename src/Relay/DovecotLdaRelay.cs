using Microsoft.Extensions.Logging;
using SlimtaFast.Relay.Pipe;

namespace SlimtaFast.Relay;

/// <summary>
/// Delivers with Dovecot's local delivery agent: <c>dovecot-lda -f {sender} -d {recipient} -e</c> for each recipient. <c>-e</c> keeps it from
/// sending bounces of its own; its refusals bounce here. Linux only. Thread-safe.
/// </summary>
public sealed class DovecotLdaRelay : ProgramRelay
{
    private const string Name = "dovecot-lda";

    /// <summary>Makes a relay.</summary>
    /// <param name="options">How dovecot-lda runs; null for the defaults.</param>
    /// <param name="time">The clock of time limits; null for the system's.</param>
    /// <param name="logger">Told of faults in the relay itself; null for nowhere.</param>
    /// <exception cref="ArgumentException">An option is impossible: a user that does not exist, say.</exception>
    /// <exception cref="FormatException">The path or an argument is none.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public DovecotLdaRelay(DovecotLdaRelayOptions? options = null, TimeProvider? time = null, ILogger<DovecotLdaRelay>? logger = null)
        : base(Make(options ?? new DovecotLdaRelayOptions(), time, logger))
    {
    }

    // Its option for the recipient takes one.
    private static PipeDelivery Make(DovecotLdaRelayOptions options, TimeProvider? time, ILogger? logger) =>
        new(MakeCommand(options), Name, options.Process with { RecipientsPerProcess = 1 }, isMailbox: true, time, logger);

    private static PipeCommand MakeCommand(DovecotLdaRelayOptions options) =>
        PipeCommand.ForKnown([options.Path, "-f", "{sender}", "-d", "{recipient}", "-e"], options.ExtraArguments);
}
