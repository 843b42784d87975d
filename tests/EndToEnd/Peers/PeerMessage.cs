using System.Text;

namespace SlimtaFast.EndToEnd.Tests.Peers;

/// <summary>The message that clients and peers carry: what careless software changes is in it.</summary>
internal static class PeerMessage
{
    // Dots at line starts, 8-bit text, trailing blanks, a tab, a folded field, a long line, an empty line before the end.
    private const string Text =
        "From: sender@client.test\r\nTo: b@far.test\r\nSubject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\n folded subject\r\n" +
        "Date: Thu, 26 Nov 2026 10:00:00 +0000\r\nMessage-ID: <peer@client.test>\r\nMIME-Version: 1.0\r\n" +
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" +
        ".\r\n..\r\n.leading dot\r\nGr\u00fc\u00dfe, \u65e5\u672c\u8a9e  \r\n\ttab\r\nFrom here\r\n";

    /// <summary>Its octets, with CRLF line ends.</summary>
    public static byte[] Octets { get; } = Encoding.UTF8.GetBytes(Text + new string('l', 900) + "\r\n\r\nEND-OF-TEST\r\n");

    /// <summary>The same as text.</summary>
    public static string Characters => Encoding.UTF8.GetString(Octets);

    /// <summary>Asserts that it arrived octet for octet behind so many Received fields, and returns what stands in front of it.</summary>
    public static string AssertArrived(byte[] arrived, int received)
    {
        Assert.True(arrived.AsSpan().EndsWith(Octets), Encoding.Latin1.GetString(arrived));
        string front = Encoding.Latin1.GetString(arrived.AsSpan(0, arrived.Length - Octets.Length));
        Assert.DoesNotContain("\r\n\r\n", front, StringComparison.Ordinal);
        Assert.Equal(received, front.Split("\r\n").Count(line => line.StartsWith("Received:", StringComparison.OrdinalIgnoreCase)));
        return front;
    }

    /// <summary>The same for a file with LF line ends, as mailboxes have them.</summary>
    public static string AssertArrivedInMailbox(string file, int received)
    {
        Assert.DoesNotContain('\r', file);
        return AssertArrived(Encoding.Latin1.GetBytes(file.Replace("\n", "\r\n", StringComparison.Ordinal)), received);
    }
}
