using System.Buffers;
using System.Text;
using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Pipe;

/// <summary>The addresses that a message's Delivered-To fields name: who is among them would get it again and again.</summary>
internal static class DeliveredBefore
{
    /// <summary>Reads the header section of a content, as far as the scanner goes.</summary>
    /// <exception cref="IOException">The content could not be read.</exception>
    public static async ValueTask<IReadOnlySet<string>> ReadAsync(MessageContent content, CancellationToken cancellationToken)
    {
        int length = (int)Math.Min(content.Length, HeaderScanner.DefaultLimit);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            int filled = await content.FillAsync(buffer.AsMemory(0, length), cancellationToken);
            return Find(buffer.AsSpan(0, filled));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The addresses in a header section, in lower case.</summary>
    public static IReadOnlySet<string> Find(ReadOnlySpan<byte> message)
    {
        var found = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var scanner = new HeaderScanner(message);
        while (scanner.MoveNext())
        {
            if (scanner.CurrentIs("Delivered-To"u8))
                found.Add(Encoding.UTF8.GetString(message[scanner.Current.ValueStart..scanner.Current.End]).Trim());
        }

        return found;
    }
}
