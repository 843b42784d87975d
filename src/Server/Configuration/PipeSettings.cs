using Microsoft.Extensions.Logging;
using SlimtaFast.Relay;

namespace SlimtaFast.Server.Configuration;

/// <summary>How a program takes mail. Immutable.</summary>
/// <param name="Command">The command of a relay <c>pipe:</c>; else null.</param>
/// <param name="Extra">Arguments behind those of <c>maildrop:</c> or <c>dovecot-lda:</c>.</param>
/// <param name="Process">How it runs.</param>
internal sealed record PipeSettings(PipeCommand? Command, IReadOnlyList<string> Extra, PipeProcessOptions Process)
{
    /// <summary>Nothing configured.</summary>
    public static PipeSettings None { get; } = new(null, [], new PipeProcessOptions());

    /// <summary>Makes the relay.</summary>
    /// <param name="relay">Which one.</param>
    /// <param name="time">The clock of its time limits.</param>
    /// <param name="loggers">Where it logs; null for nowhere.</param>
    /// <exception cref="ArgumentException">A setting is impossible.</exception>
    /// <exception cref="FormatException">An argument is none.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public IRelay MakeRelay(RelayAddress relay, TimeProvider time, ILoggerFactory? loggers)
    {
        switch (relay.Kind)
        {
            case RelayKind.Maildrop:
                var maildrop = new MaildropRelayOptions { ExtraArguments = Extra, Process = Process };
                return new MaildropRelay(relay.Path is { } path ? maildrop with { Path = path } : maildrop, time, loggers?.CreateLogger<MaildropRelay>());
            case RelayKind.DovecotLda:
                var lda = new DovecotLdaRelayOptions { ExtraArguments = Extra, Process = Process };
                return new DovecotLdaRelay(relay.Path is { } file ? lda with { Path = file } : lda, time, loggers?.CreateLogger<DovecotLdaRelay>());
            default:
                PipeCommand command = Command ?? throw new FormatException("no command is given behind pipe:");
                return new PipeRelay(new PipeRelayOptions { Command = command, Process = Process }, time, loggers?.CreateLogger<PipeRelay>());
        }
    }
}
