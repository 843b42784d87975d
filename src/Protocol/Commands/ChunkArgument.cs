using System.Buffers.Text;

namespace SlimtaFast.Protocol.Commands;

/// <summary>
/// The argument of BDAT (RFC 3030 section 2): <c>chunk-size [SP "LAST"]</c>, <c>chunk-size = 1*DIGIT</c>.
/// </summary>
/// <param name="Octets">How many octets follow the command.</param>
/// <param name="IsLast">True where they end the message.</param>
internal readonly record struct ChunkArgument(long Octets, bool IsLast)
{
    /// <summary>Reads it; false where it is malformed or does not fit into 63 bits, so that nobody can tell where the next command starts.</summary>
    public static bool TryParse(ReadOnlySpan<byte> argument, out ChunkArgument chunk)
    {
        chunk = default;
        int space = argument.IndexOf((byte)' ');
        ReadOnlySpan<byte> digits = space < 0 ? argument : argument[..space];
        bool isLast = space >= 0;
        if (isLast && !System.Text.Ascii.EqualsIgnoreCase(argument[space..].Trim((byte)' '), "LAST"u8))
            return false;
        // Utf8Parser would take a sign.
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        if (!Utf8Parser.TryParse(digits, out long octets, out int used) || used != digits.Length)
            return false;
        chunk = new ChunkArgument(octets, isLast);
        return true;
    }
}
