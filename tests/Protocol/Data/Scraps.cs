using FsCheck;
using FsCheck.Fluent;

namespace SlimtaFast.Protocol.Tests.Data;

/// <summary>Octets as nasty as DATA can be: of line ends, dots, NUL, 8-bit octets, and runs of text that reach over blocks and over the longest line.</summary>
public sealed record Scraps(byte[] Bytes, int[] Cuts)
{
    /// <summary>The octets in pieces, cut where the cuts say.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Pieces
    {
        get
        {
            int[] places = [.. Cuts.Select(cut => cut % (Bytes.Length + 1)).Append(Bytes.Length).Order()];
            int start = 0;
            foreach (int place in places)
            {
                yield return Bytes.AsMemory(start, place - start);
                start = place;
            }
        }
    }

    public override string ToString() => $"{Convert.ToHexString(Bytes)} cut at {string.Join(',', Cuts)}";

    public static Arbitrary<Scraps> Arbitrary()
    {
        Gen<byte[]> scrap = Gen.Frequency(
            (4, Gen.Constant("\r\n"u8.ToArray())),
            (3, Gen.Constant("\r"u8.ToArray())),
            (3, Gen.Constant("\n"u8.ToArray())),
            (4, Gen.Constant("."u8.ToArray())),
            (1, Gen.Constant("\r\n.\r\n"u8.ToArray())),
            (1, Gen.Constant(new byte[] { 0 })),
            (1, Gen.Constant(new byte[] { 0x80 })),
            (3, Gen.Choose(1, 70).Select(Text)),
            (1, Gen.Choose(990, 1010).Select(Text)));
        Gen<Scraps> scraps =
            from parts in Gen.ListOf(scrap)
            from cuts in Gen.ArrayOf(Gen.Choose(0, 5000))
            select new Scraps([.. parts.SelectMany(part => part)], cuts);
        return Arb.From(scraps);
    }

    private static byte[] Text(int length)
    {
        byte[] text = new byte[length];
        Array.Fill(text, (byte)'a');
        return text;
    }
}
