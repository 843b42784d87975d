using System.Globalization;
using System.Text;

namespace SlimtaFast.TestKit.Load;

/// <summary>
/// A message that can be made again from its token alone, so that whoever receives it can compare every octet. Has lines with leading
/// dots, and all fields that a server would otherwise add.
/// </summary>
public sealed class LoadMessage
{
    private const string TokenField = "X-Token: ";

    /// <summary>Takes a message into a plan.</summary>
    /// <param name="number">Its number, unique within a test.</param>
    /// <param name="size">Octets of its body, roughly.</param>
    /// <param name="recipients">How many; each has a domain of its own except that the last two share one.</param>
    public LoadMessage(int number, int size, int recipients)
    {
        Token = string.Create(CultureInfo.InvariantCulture, $"{number}-{size}-{recipients}");
        Recipients = [.. Enumerable.Range(0, recipients).Select(i => string.Create(CultureInfo.InvariantCulture, $"r{i}@d{Math.Min(i, Math.Max(0, recipients - 2))}.test"))];
    }

    /// <summary>Its name, which stands in its header section.</summary>
    public string Token { get; }

    /// <summary>For whom.</summary>
    public IReadOnlyList<string> Recipients { get; }

    /// <summary>What became of it.</summary>
    public LoadOutcome Outcome { get; set; }

    /// <summary>The last reply to it, or null.</summary>
    public string? Reply { get; set; }

    /// <summary>The token in a message as received, or null where there is none.</summary>
    public static string? FindToken(ReadOnlySpan<byte> message)
    {
        int at = message.IndexOf("\r\nX-Token: "u8);
        if (at < 0)
            return null;
        ReadOnlySpan<byte> rest = message[(at + 2 + TokenField.Length)..];
        int end = rest.IndexOf("\r\n"u8);
        return end < 0 ? null : Encoding.ASCII.GetString(rest[..end]);
    }

    /// <summary>The octets of a message, before dot-stuffing; null for a text that is no token.</summary>
    public static byte[]? Octets(string token)
    {
        string[] parts = token.Split('-');
        if (parts.Length != 3
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int size))
        {
            return null;
        }

        var text = new StringBuilder(size + 300);
        text.Append(CultureInfo.InvariantCulture, $"From: <load@load.test>\r\nTo: <everybody@load.test>\r\nSubject: load {number}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{token}@load.test>\r\n{TokenField}{token}\r\n\r\n");
        var random = new Random(number);
        while (size > 0)
        {
            int line = random.Next(0, 77);
            if (random.Next(8) == 0)
                text.Append('.');
            for (int i = 0; i < line; i++)
                text.Append((char)random.Next('!', '~'));
            text.Append("\r\n");
            size -= line + 2;
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
