using System.Buffers;

namespace SlimtaFast.Queue.Policies;

/// <summary>Writes a header field, folded at blanks where it is long (RFC 5322 section 2.2.3).</summary>
internal static class FoldedField
{
    private const int UsualLine = 78;

    /// <summary>
    /// Writes <c>Name: value</c> and CRLF. Control characters in the value, line ends above all, become blanks, so that a value never ends
    /// its field. A word longer than a line stays whole.
    /// </summary>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        output.Write(name);
        output.Write(":"u8);
        int column = name.Length + 1;
        bool isFirst = true;
        while (!value.IsEmpty)
        {
            // A word with the blanks before it.
            int start = value.IndexOfAnyExceptInRange((byte)0, (byte)' ');
            if (start < 0)
                break;
            int length = value[start..].IndexOfAnyInRange((byte)0, (byte)' ');
            ReadOnlySpan<byte> word = length < 0 ? value[start..] : value.Slice(start, length);
            int blanks = isFirst ? 1 : Math.Max(1, start);
            if (!isFirst && column + blanks + word.Length > UsualLine)
            {
                output.Write("\r\n"u8);
                column = 0;
            }

            Span<byte> room = output.GetSpan(blanks + word.Length);
            room[..blanks].Fill((byte)' ');
            word.CopyTo(room[blanks..]);
            room.Slice(blanks, word.Length).Replace((byte)127, (byte)'?');
            output.Advance(blanks + word.Length);
            column += blanks + word.Length;
            value = value[(start + word.Length)..];
            isFirst = false;
        }

        output.Write("\r\n"u8);
    }
}
