using System.Text;

namespace SlimtaFast.Server.Configuration;

/// <summary>Reads the path of a Unix-domain socket.</summary>
internal static class SocketPath
{
    // What a socket's address has room for on Linux, without the NUL behind it.
    private const int Longest = 107;

    /// <summary>The path, or a <see cref="FormatException"/> that says what is wrong.</summary>
    public static string Parse(string text)
    {
        if (text.Length == 0 || text.Contains('\0', StringComparison.Ordinal) || text.EndsWith('/'))
            throw new FormatException($"'{text}' is not the path of a socket such as /run/lmtp");
        return Encoding.UTF8.GetByteCount(text) <= Longest
            ? text
            : throw new FormatException($"'{text}': the path of a socket has at most 107 octets");
    }
}
