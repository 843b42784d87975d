using System.Buffers;
using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Conversion;

/// <summary>Looks into a message's header section.</summary>
internal static class HeaderSection
{
    // A longer header section counts as far as this.
    private const int Longest = 256 * 1024;

    /// <summary>True where a header field holds anything but ASCII: RFC 6532's, or nobody's.</summary>
    public static async ValueTask<bool> HasEightBitAsync(MessageContent content, CancellationToken cancellationToken)
    {
        int length = (int)Math.Min(content.Length, Longest);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            int filled = await content.FillAsync(buffer.AsMemory(0, length), cancellationToken);
            ReadOnlySpan<byte> bytes = buffer.AsSpan(0, filled);
            int end = bytes.StartsWith("\r\n"u8) ? 0 : bytes.IndexOf("\r\n\r\n"u8);
            if (end >= 0)
                bytes = bytes[..end];
            return bytes.ContainsAnyInRange((byte)0x80, (byte)0xFF);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
