using System.Text;
using SlimtaFast.Mail;

namespace SlimtaFast.TestKit;

/// <summary>Message contents for tests. Each comes with one reference, which the test releases.</summary>
public static class Contents
{
    /// <summary>A small message with a header section and a body.</summary>
    public const string Text = "From: alice@example.com\r\nTo: bob@example.org\r\nSubject: hello\r\n\r\nHello Bob.\r\n";

    private static readonly QueueIdGenerator Ids = new(TimeProvider.System);

    /// <summary>A content in pooled memory, its octets taken from a budget where there is one.</summary>
    public static MessageContent InMemory(ReadOnlySpan<byte> bytes, QueueId id = default, ContentBudget? budget = null)
    {
        if (id.IsNone)
            id = Ids.Next();
        using var writer = new PooledContentWriter(id, int.MaxValue, budget, static _ => throw new InvalidOperationException("The budget of a test was too small."));
        writer.WriteAsync(bytes.ToArray(), CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return writer.CompleteAsync(TraitsOf(bytes), CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }

    /// <summary>A content in pooled memory of a text in UTF-8.</summary>
    public static MessageContent InMemory(string text = Text, QueueId id = default, ContentBudget? budget = null) =>
        InMemory(Encoding.UTF8.GetBytes(text), id, budget);

    /// <summary>What a decoder would have seen in the octets, found the slow and plain way.</summary>
    public static ContentTraits TraitsOf(ReadOnlySpan<byte> bytes)
    {
        var traits = ContentTraits.None;
        int line = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            byte c = bytes[i];
            if (c >= 0x80)
                traits |= ContentTraits.EightBit;
            if (c == 0)
                traits |= ContentTraits.Nul;
            if (c == (byte)'.' && line == 0)
                traits |= ContentTraits.LeadingDot;
            if (c == (byte)'\r' && i + 1 < bytes.Length && bytes[i + 1] == (byte)'\n')
            {
                i++;
                line = 0;
                continue;
            }

            if (c is (byte)'\r' or (byte)'\n')
                traits |= ContentTraits.BareLineEnd;
            if (++line > 998)
                traits |= ContentTraits.LongLine;
        }

        if (!bytes.EndsWith("\r\n"u8))
            traits |= ContentTraits.NoFinalLineEnd;
        return traits;
    }

    /// <summary>All octets of a content, through its asynchronous reading.</summary>
    public static async Task<byte[]> ReadAllAsync(MessageContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        byte[] bytes = new byte[content.Length];
        int done = 0;
        while (done < bytes.Length)
        {
            int read = await content.ReadAsync(done, bytes.AsMemory(done), CancellationToken.None);
            if (read == 0)
                throw new EndOfStreamException($"The content ended after {done} of {bytes.Length} octets.");
            done += read;
        }

        return bytes;
    }
}
