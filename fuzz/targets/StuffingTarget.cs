using SlimtaFast.Mail;
using SlimtaFast.Protocol.Data;
using SlimtaFast.Protocol.Tests.Data;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>
/// Encodes any content for DATA, cut anywhere: it is refused, or what goes out is decoded to the same content, and holds nothing that
/// the most lenient server could take for the end before it is the end.
/// </summary>
public sealed class StuffingTarget : IFuzzTarget
{
    /// <inheritdoc/>
    public string Name => "stuffing";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        byte[][] pieces = Cuts.Take(ref input);
        ContentTraits traits = NaiveDots.Judge(input);
        byte[]? sent = Encode(pieces, scan: true);
        FuzzAssert.That(sent is null == ((traits & ContentTraits.BareLineEnd) != 0), "A content was refused, or not refused, wrongly.");
        if (sent is null)
            return;

        (byte[] received, int end) = NaiveDots.Decode(sent);
        byte[] expected = (traits & ContentTraits.NoFinalLineEnd) != 0 ? [.. input, .. "\r\n"u8] : input.ToArray();
        FuzzAssert.That(end == sent.Length, "The end comes early, or not at all.");
        FuzzAssert.That(received.AsSpan().SequenceEqual(expected), "Another content arrives.");
        CheckForgeries(sent);
        if ((traits & ContentTraits.LeadingDot) == 0)
            FuzzAssert.That(Encode(pieces, scan: false).AsSpan().SequenceEqual(sent), "A content without dots is sent otherwise when it is trusted.");
    }

    // A dot that stands alone between any two line ends, or parts of them.
    private static void CheckForgeries(ReadOnlySpan<byte> sent)
    {
        for (int i = 0; i < sent.Length - 3; i++)
        {
            bool isAlone = sent[i] == (byte)'.' && sent[i + 1] is (byte)'\r' or (byte)'\n' && (i == 0 || sent[i - 1] is (byte)'\r' or (byte)'\n');
            FuzzAssert.That(!isAlone, "A dot stands alone before the end.");
        }
    }

    private static byte[]? Encode(byte[][] pieces, bool scan)
    {
        var encoder = default(DotEncoder);
        var sent = new List<byte>();
        foreach (byte[] piece in pieces)
        {
            ReadOnlyMemory<byte> rest = piece;
            bool refused = false;
            while (encoder.TryNext(ref rest, scan, out ReadOnlyMemory<byte> slice, out refused))
                sent.AddRange(slice.Span);
            if (refused)
                return null;
        }

        if (!encoder.TryFinish(out ReadOnlyMemory<byte> end))
            return null;
        sent.AddRange(end.Span);
        return [.. sent];
    }
}
