using System.Buffers;

namespace SlimtaFast.Protocol.Tests.Transport;

/// <summary>A segment of a sequence made for a test.</summary>
internal sealed class Segments : ReadOnlySequenceSegment<byte>
{
    /// <summary>The bytes as a sequence of pieces of at most <paramref name="length"/> bytes, with an empty one in between.</summary>
    public static ReadOnlySequence<byte> Split(ReadOnlyMemory<byte> bytes, int length)
    {
        var first = new Segments { Memory = ReadOnlyMemory<byte>.Empty };
        Segments last = first;
        for (int i = 0; i < bytes.Length; i += length)
        {
            last = last.Append(bytes.Slice(i, Math.Min(length, bytes.Length - i)));
            if (i == length)
            {
                last = last.Append(ReadOnlyMemory<byte>.Empty);
            }
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private Segments Append(ReadOnlyMemory<byte> memory)
    {
        var next = new Segments { Memory = memory, RunningIndex = RunningIndex + Memory.Length };
        Next = next;
        return next;
    }
}
