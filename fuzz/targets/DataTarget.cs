using SlimtaFast.Protocol.Data;
using SlimtaFast.Protocol.Tests.Data;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>Decodes DATA in pieces and compares content, end and traits with the naive reference. The first octet says how long the pieces are.</summary>
public sealed class DataTarget : IFuzzTarget
{
    /// <inheritdoc/>
    public string Name => "data";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            return;
        int piece = input[0] + 1;
        input = input[1..];
        (byte[] expected, int end) = NaiveDots.Decode(input);

        var decoder = default(DotDecoder);
        var scanner = default(LineScanner);
        var content = new List<byte>(input.Length);
        int used = 0;
        bool hasEnded = false;
        for (int at = 0; at < input.Length && !hasEnded; at += piece)
        {
            ReadOnlySpan<byte> rest = input.Slice(at, Math.Min(piece, input.Length - at));
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

            scanner.Scan(input.Slice(at, Math.Min(piece, input.Length - at)));
        }

        FuzzAssert.That(hasEnded == (end >= 0), "The end is not where it is.");
        FuzzAssert.That(content.SequenceEqual(expected), "The content differs.");
        if (hasEnded)
        {
            FuzzAssert.That(used == end, "The end is elsewhere.");
            FuzzAssert.That(decoder.Finish() == NaiveDots.Judge(expected), "The decoder's traits differ.");
        }
        else
        {
            FuzzAssert.That(scanner.Finish() == NaiveDots.Judge(input), "The scanner's traits differ.");
        }
    }
}
