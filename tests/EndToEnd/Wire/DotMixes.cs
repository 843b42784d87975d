namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>
/// Everything that some server somewhere has taken, or may take, for the end of DATA: a dot between any two mixes of bare CR, bare LF,
/// NUL and CRLF.
/// </summary>
internal static class DotMixes
{
    private const string Ending = "\r\n.\r\n";

    /// <summary>What stands before the dot, and after it.</summary>
    public static IReadOnlyList<string> Sides { get; } =
    [
        "", "\r", "\n", "\0", "\r\n", "\n\r", "\r\r", "\n\n", "\r\r\n", "\r\n\r", "\r\n\n", "\n\r\n", "\0\r\n", "\r\n\0", "\r\0\n", "\0\n", "\n\0", "\r\n \r\n", "\x85", "\u000b",
    ];

    /// <summary>True where the mix really is the end, which is no smuggling.</summary>
    public static bool IsEnd(string before, string after) => $"{before}.{after}".Contains(Ending, StringComparison.Ordinal);

    /// <summary>A name for test lists.</summary>
    public static string Name(string side) =>
        side.Length == 0 ? "nothing" : string.Join(' ', side.Select(static c => c switch { '\r' => "CR", '\n' => "LF", '\0' => "NUL", ' ' => "SP", '\x85' => "NEL", _ => "VT" }));
}
