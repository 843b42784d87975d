using System.Buffers;

namespace SlimtaFast.Protocol.Commands;

/// <summary>
/// Judges what a client calls itself. RFC 5321 wants a domain or an address literal; real clients send nearly anything, so that what
/// counts is that it can stand in a Received field and in a log: no blanks, controls, brackets of comments, quotes or 8-bit characters.
/// </summary>
internal static class HelloName
{
    // RFC 5321 section 4.5.3.1.2.
    private const int Longest = 255;

    private static readonly SearchValues<byte> Allowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]/+=~@!#$%&'*^`{|}?"u8);

    /// <summary>True where the name may be used.</summary>
    public static bool IsAcceptable(ReadOnlySpan<byte> name) => !name.IsEmpty && name.Length <= Longest && !name.ContainsAnyExcept(Allowed);
}
