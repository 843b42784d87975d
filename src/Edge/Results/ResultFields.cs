using System.Text;

namespace SlimtaFast.Edge.Results;

/// <summary>The names of the fields in which servers say what they found out about a message.</summary>
internal static class ResultFields
{
    /// <summary>True for Authentication-Results, in any case of letters.</summary>
    public static bool IsResults(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(name, "Authentication-Results"u8);

    /// <summary>True for Received-SPF, in any case of letters.</summary>
    public static bool IsReceivedSpf(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(name, "Received-SPF"u8);
}
