using System.Text.RegularExpressions;

namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>A step of a script.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Line">Its line in the file, for messages.</param>
internal sealed record ScriptStep(StepKind Kind, int Line)
{
    /// <summary>What is sent.</summary>
    public byte[] Octets { get; init; } = [];

    /// <summary>What has to come: the last line of a reply, or a command, starts with it.</summary>
    public Regex? Pattern { get; init; }

    /// <summary>What further lines of the reply start with, in any order.</summary>
    public IReadOnlyList<Regex> Lines { get; init; } = [];

    /// <summary>How often it has to come.</summary>
    public int Count { get; init; } = 1;
}
