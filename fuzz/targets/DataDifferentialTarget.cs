using SlimtaFast.Protocol.Data;
using SlimtaFast.Protocol.Tests.Data;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>Decodes DATA cut anywhere and compares content, end and traits with the naive reference, which reads octet by octet.</summary>
public sealed class DataDifferentialTarget : IFuzzTarget
{
    /// <inheritdoc/>
    public string Name => "data-differential";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        byte[][] pieces = Cuts.Take(ref input);
        (byte[] expected, int end) = NaiveDots.Decode(input);

        var decoder = default(DotDecoder);
        var content = new List<byte>(input.Length);
        int used = 0;
        bool hasEnded = false;
        foreach (byte[] piece in pieces)
        {
            ReadOnlySpan<byte> rest = piece;
            while (!rest.IsEmpty && !hasEnded)
            {
                DotSlice slice = decoder.Decode(rest);
                FuzzAssert.That(slice.Consumed > 0, "The decoder does not move.");
                if (slice.HeldCr)
                    content.Add((byte)'\r');
                content.AddRange(rest.Slice(slice.Start, slice.Length));
                used += slice.Consumed;
                hasEnded = slice.Ended;
                rest = rest[slice.Consumed..];
            }
        }

        FuzzAssert.That(hasEnded == (end >= 0), "The end is not where it is.");
        FuzzAssert.That(content.SequenceEqual(expected), "The content differs.");
        if (!hasEnded)
            return;
        FuzzAssert.That(used == end, "The end is elsewhere.");
        FuzzAssert.That(decoder.Finish() == NaiveDots.Judge(expected), "The traits differ.");
    }
}
