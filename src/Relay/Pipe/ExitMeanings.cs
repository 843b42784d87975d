using System.Globalization;
using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Pipe;

/// <summary>
/// What exit codes mean: those of sysexits.h as Postfix's pipe(8), Exim's pipe transport and sendmail's prog mailer read them. All three agree
/// that 64 to 70 and 76 to 78 are final, and that 75 is not. What they disagree about (71, 73, 74), and 72, is a fault of the machine and not
/// of the message, so it is tried again. Those three also bounce at a code that sysexits.h does not know, but then nothing says that it is
/// final: 1 is what a script exits with that broke. So it is tried again, as python-slimta does; 126 and 127 are a shell's, for a program
/// that cannot be executed or is not there. Immutable.
/// </summary>
internal sealed class ExitMeanings
{
    private static readonly Dictionary<int, ExitMeaning> Known = new()
    {
        [64] = Permanent(3, 0, "command line usage error"),
        [65] = Permanent(6, 0, "data format error"),
        [66] = Permanent(3, 0, "cannot open input"),
        [67] = Permanent(1, 1, "user unknown"),
        [68] = Permanent(1, 2, "host name unknown"),
        [69] = Permanent(3, 0, "service unavailable"),
        [70] = Permanent(3, 0, "internal software error"),
        [71] = Transient(3, 0, "system resource problem"),
        [72] = Transient(3, 0, "critical file of the system missing"),
        [73] = Transient(2, 0, "cannot create the output file"),
        [74] = Transient(3, 0, "input/output error"),
        [75] = Transient(3, 0, "temporary failure"),
        [76] = Permanent(5, 0, "remote error in protocol"),
        [77] = Permanent(7, 0, "permission denied"),
        [78] = Permanent(3, 5, "local configuration error"),
        [126] = Transient(3, 5, "command cannot be executed"),
        [127] = Transient(3, 5, "command not found"),
    };

    private readonly HashSet<int> _transient;
    private readonly HashSet<int> _permanent;

    /// <summary>Makes a table with changes.</summary>
    public ExitMeanings(PipeProcessOptions options)
    {
        _transient = [.. options.TransientExitCodes];
        _permanent = [.. options.PermanentExitCodes];
    }

    /// <summary>The meaning of a code other than 0.</summary>
    public ExitMeaning this[int code]
    {
        get
        {
            ExitMeaning meaning = Known.TryGetValue(code, out ExitMeaning known)
                ? known
                : Transient(3, 0, string.Create(CultureInfo.InvariantCulture, $"exit code {code}"));
            if (_transient.Contains(code))
                return meaning with { Kind = OutcomeKind.Transient, Status = meaning.Status with { Class = 4 } };
            return _permanent.Contains(code)
                ? meaning with { Kind = OutcomeKind.Permanent, Status = meaning.Status with { Class = 5 } }
                : meaning;
        }
    }

    private static ExitMeaning Permanent(ushort subject, ushort detail, string text) => new(OutcomeKind.Permanent, new EnhancedStatus(5, subject, detail), text);

    private static ExitMeaning Transient(ushort subject, ushort detail, string text) => new(OutcomeKind.Transient, new EnhancedStatus(4, subject, detail), text);
}
