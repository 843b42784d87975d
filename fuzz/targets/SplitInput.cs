using System.Buffers;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>Cuts an input into segments, so that a target can compare the whole with the parts.</summary>
internal static class SplitInput
{
    /// <summary>A copy of the input in segments of so many octets.</summary>
    public static ReadOnlySequence<byte> InPieces(ReadOnlySpan<byte> input, int octets)
    {
        byte[] copy = input.ToArray();
        var first = new Segment(default, 0);
        Segment last = first;
        for (int at = 0; at < copy.Length; at += octets)
            last = last.Append(copy.AsMemory(at, Math.Min(octets, copy.Length - at)));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex)
        {
            Memory = memory;
            RunningIndex = runningIndex;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
