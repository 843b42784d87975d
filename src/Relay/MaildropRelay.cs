using Microsoft.Extensions.Logging;
using SlimtaFast.Relay.Pipe;

namespace SlimtaFast.Relay;

/// <summary>
/// Delivers with Courier's maildrop: <c>maildrop -d {recipient.local} -f {sender}</c> for each recipient, whose local part is the user of
/// this machine (or of Courier's authentication library) to whose mailbox maildrop delivers. It has to run as root, or as that user. For one
/// filter file for all mail use a <see cref="PipeRelay"/> with <c>maildrop -f {sender} FILE</c>. Linux only. Thread-safe.
/// </summary>
public sealed class MaildropRelay : ProgramRelay
{
    private const string Name = "maildrop";

    /// <summary>Makes a relay.</summary>
    /// <param name="options">How maildrop runs; null for the defaults.</param>
    /// <param name="time">The clock of time limits; null for the system's.</param>
    /// <param name="logger">Told of faults in the relay itself; null for nowhere.</param>
    /// <exception cref="ArgumentException">An option is impossible: a user that does not exist, say.</exception>
    /// <exception cref="FormatException">The path or an argument is none.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public MaildropRelay(MaildropRelayOptions? options = null, TimeProvider? time = null, ILogger<MaildropRelay>? logger = null)
        : base(Make(options ?? new MaildropRelayOptions(), time, logger))
    {
    }

    // Its option for the recipient takes one.
    private static PipeDelivery Make(MaildropRelayOptions options, TimeProvider? time, ILogger? logger) =>
        new(MakeCommand(options), Name, options.Process with { RecipientsPerProcess = 1 }, isMailbox: true, time, logger);

    private static PipeCommand MakeCommand(MaildropRelayOptions options) =>
        PipeCommand.ForKnown([options.Path, "-d", "{recipient.local}", "-f", "{sender}"], options.ExtraArguments);
}
