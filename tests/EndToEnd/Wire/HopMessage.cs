using System.Text;

namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>A message as a <see cref="RecordingHop"/> got it.</summary>
/// <param name="Commands">What led to it, from MAIL on.</param>
/// <param name="Octets">The message, dots undone.</param>
internal sealed record HopMessage(IReadOnlyList<string> Commands, byte[] Octets)
{
    /// <summary>The client's name in EHLO.</summary>
    public string Hello { get; init; } = "";

    /// <summary>The message as text, one character for each octet.</summary>
    public string Text => Encoding.Latin1.GetString(Octets);

    /// <summary>True where this is the message, octet for octet, with nothing but a server's trace fields before it.</summary>
    public bool Is(ReadOnlySpan<byte> message)
    {
        if (!Octets.AsSpan().EndsWith(message))
            return false;
        ReadOnlySpan<byte> added = Octets.AsSpan(0, Octets.Length - message.Length);
        if (added.IsEmpty)
            return true;
        // Before a message without a header section the blank line is ours.
        int blank = added.IndexOf("\r\n\r\n"u8);
        return added.StartsWith("Received: "u8) && added.EndsWith("\r\n"u8) && (blank < 0 || blank == added.Length - 4);
    }

    /// <summary>What DATA carried, without its end and with the dots undone (RFC 5321 section 4.5.2); null for nothing.</summary>
    public static byte[]? Undot(byte[]? data)
    {
        if (data is null)
            return null;
        var octets = new List<byte>(data.Length);
        ReadOnlySpan<byte> rest = data.AsSpan(0, data.Length - 3);
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf("\r\n"u8);
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..(end + 2)];
            rest = rest[line.Length..];
            octets.AddRange(line[0] == (byte)'.' ? line[1..] : line);
        }

        return [.. octets];
    }
}
