using System.Buffers;

namespace SlimtaFast.TestKit;

/// <summary>Makes sequences of several segments, so that a parser's seams are tested wherever they may fall.</summary>
public static class Segments
{
    /// <summary>A sequence with one segment for each part; empty parts become empty segments.</summary>
    public static ReadOnlySequence<byte> Of(params ReadOnlyMemory<byte>[] parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Length == 0)
            return ReadOnlySequence<byte>.Empty;
        var first = new Segment(parts[0], 0);
        Segment last = first;
        for (int i = 1; i < parts.Length; i++)
            last = last.Append(parts[i]);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    /// <summary>The input cut into two at <paramref name="at"/>.</summary>
    public static ReadOnlySequence<byte> Split(ReadOnlyMemory<byte> input, int at) => Of(input[..at], input[at..]);

    /// <summary>The input with one segment for each octet.</summary>
    public static ReadOnlySequence<byte> ByteWise(ReadOnlyMemory<byte> input)
    {
        var parts = new ReadOnlyMemory<byte>[input.Length];
        for (int i = 0; i < parts.Length; i++)
            parts[i] = input.Slice(i, 1);
        return Of(parts);
    }

    /// <summary>The input whole, cut in two at every place (both ends included), and with one octet in each segment.</summary>
    public static IEnumerable<ReadOnlySequence<byte>> AllSplits(ReadOnlyMemory<byte> input)
    {
        yield return new ReadOnlySequence<byte>(input);
        for (int at = 0; at <= input.Length; at++)
            yield return Split(input, at);
        yield return ByteWise(input);
    }

    /// <summary>The input cut at places that the seed decides, into pieces of 1 to <paramref name="longest"/> octets.</summary>
    public static ReadOnlySequence<byte> Random(ReadOnlyMemory<byte> input, int seed, int longest)
    {
        var random = new Random(seed);
        var parts = new List<ReadOnlyMemory<byte>>();
        while (!input.IsEmpty)
        {
            int part = Math.Min(input.Length, random.Next(1, longest + 1));
            parts.Add(input[..part]);
            input = input[part..];
        }

        return Of([.. parts]);
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
