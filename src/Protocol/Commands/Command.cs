using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Commands;

/// <summary>A command line taken apart; it points into the line and lives no longer than it.</summary>
internal readonly ref struct Command
{
    /// <summary>A command with its argument.</summary>
    public Command(CommandVerb verb, ReadOnlySpan<byte> argument, bool isAscii)
    {
        Verb = verb;
        Argument = argument;
        IsAscii = isAscii;
    }

    /// <summary>A line that is none.</summary>
    public Command(Canned error) => Error = error;

    /// <summary>Which command it is.</summary>
    public CommandVerb Verb { get; }

    /// <summary>What stands behind the verb, without blanks around it: printable ASCII, or UTF-8 without controls.</summary>
    public ReadOnlySpan<byte> Argument { get; }

    /// <summary>False where the argument holds anything beyond ASCII.</summary>
    public bool IsAscii { get; }

    /// <summary>Why the line is no command, or <see cref="Canned.None"/>.</summary>
    public Canned Error { get; }
}
