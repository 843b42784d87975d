using Microsoft.Extensions.Logging;
using SlimtaFast.Relay.Pipe;

namespace SlimtaFast.Relay;

/// <summary>
/// Delivers by running a program for each recipient, or one for several, with the message on its standard input; the exit code decides
/// (sysexits.h), and its output is the reply. The whole message stands ready before the program starts, so that it never sees a cut one,
/// whatever becomes of us. Linux only. Thread-safe.
/// </summary>
public sealed class PipeRelay : ProgramRelay
{
    /// <summary>Makes a relay.</summary>
    /// <param name="options">The program, and how it runs.</param>
    /// <param name="time">The clock of time limits; null for the system's.</param>
    /// <param name="logger">Told of faults in the relay itself; null for nowhere.</param>
    /// <exception cref="ArgumentException">An option is impossible: a user that does not exist, say.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public PipeRelay(PipeRelayOptions options, TimeProvider? time = null, ILogger<PipeRelay>? logger = null)
        : base(Make(options, time, logger))
    {
    }

    private static PipeDelivery Make(PipeRelayOptions options, TimeProvider? time, ILogger? logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new PipeDelivery(options.Command, Path.GetFileName(options.Command.Program), options.Process, isMailbox: false, time, logger);
    }
}
