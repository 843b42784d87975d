using System.Buffers;

namespace SlimtaFast.Server.Bench;

/// <summary>Finds the codes of SMTP replies with as little work as counting needs.</summary>
internal static class ReplyLines
{
    /// <summary>
    /// Moves <paramref name="buffer"/> behind the last line of the first reply in it and tells that reply's code, 0 where it has none;
    /// false, with the continuation lines taken, where the last line is not complete yet.
    /// </summary>
    public static bool TryTakeReply(ref ReadOnlySequence<byte> buffer, out int code)
    {
        Span<byte> copy = stackalloc byte[4];
        while (true)
        {
            code = 0;
            ReadOnlySpan<byte> first = buffer.FirstSpan;
            int end = first.IndexOf((byte)'\n');
            scoped ReadOnlySpan<byte> head;
            if (end >= 0)
            {
                head = first[..Math.Min(4, end)];
                buffer = buffer.Slice(end + 1);
            }
            else
            {
                SequencePosition? position = buffer.PositionOf((byte)'\n');
                if (position is null)
                    return false;
                ReadOnlySequence<byte> line = buffer.Slice(0, position.Value);
                int length = (int)Math.Min(4, line.Length);
                line.Slice(0, length).CopyTo(copy);
                head = copy[..length];
                buffer = buffer.Slice(buffer.GetPosition(1, position.Value));
            }

            if (head.Length == 4 && head[3] == (byte)'-')
                continue;
            if (head.Length >= 3 && char.IsAsciiDigit((char)head[0]) && char.IsAsciiDigit((char)head[1]) && char.IsAsciiDigit((char)head[2]))
                code = ((head[0] - '0') * 100) + ((head[1] - '0') * 10) + (head[2] - '0');
            return true;
        }
    }
}
