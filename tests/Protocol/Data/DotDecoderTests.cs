using System.Text;
using FsCheck.Xunit;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Data;

namespace SlimtaFast.Protocol.Tests.Data;

public class DotDecoderTests
{
    [Property(Arbitrary = [typeof(Scraps)], MaxTest = 2000)]
    public void Any_octets_in_any_split_give_what_the_naive_reference_gives(Scraps scraps)
    {
        (byte[] content, int used) = NaiveDots.Decode(scraps.Bytes);

        Decoded decoded = Decode(scraps.Pieces);

        Assert.Equal(content, decoded.Content);
        Assert.Equal(used, decoded.Used);
        if (used >= 0)
            Assert.Equal(NaiveDots.Judge(content), decoded.Traits);
    }

    [Fact]
    public void All_short_streams_in_all_splits_give_what_the_naive_reference_gives()
    {
        byte[] alphabet = "\r\n.a"u8.ToArray();
        for (int length = 1; length <= 6; length++)
        {
            for (int number = 0; number < Math.Pow(alphabet.Length, length); number++)
            {
                byte[] stream = new byte[length];
                for (int i = 0, rest = number; i < length; i++, rest /= alphabet.Length)
                    stream[i] = alphabet[rest % alphabet.Length];
                (byte[] content, int used) = NaiveDots.Decode(stream);
                for (int cut = 0; cut < length; cut++)
                {
                    Decoded decoded = Decode([stream.AsMemory(0, cut), stream.AsMemory(cut)]);
                    Assert.True(content.AsSpan().SequenceEqual(decoded.Content) && used == decoded.Used, Convert.ToHexString(stream));
                }
            }
        }
    }

    // What other servers have taken for the end of a message.
    [Theory]
    [InlineData("a\n.\nb")]
    [InlineData("a\n.\r\nb")]
    [InlineData("a\r\n.\nb")]
    [InlineData("a\r.\rb")]
    [InlineData("a\r\n.\rb")]
    [InlineData("a\r\n.\r\r\nb")]
    [InlineData("a\r\n\0.\r\nb")]
    [InlineData("a\r\n.\0\r\nb")]
    [InlineData("a\r\n. \r\nb")]
    public void A_forged_end_is_content(string forged)
    {
        byte[] stream = Encoding.Latin1.GetBytes(forged + "\r\n.\r\nQUIT\r\n");

        Decoded decoded = Decode([stream]);

        Assert.Equal(forged.Length + 5, decoded.Used);
        Assert.EndsWith("b\r\n", Encoding.Latin1.GetString(decoded.Content));
    }

    [Theory]
    [InlineData("..\r\n", ".\r\n")]
    [InlineData("...\r\na", "..\r\na")]
    [InlineData("x\r\n..\r\n", "x\r\n.\r\n")]
    [InlineData(".x\r\n", "x\r\n")]
    public void The_first_dot_of_a_line_is_dropped(string stuffed, string expected) =>
        Assert.Equal(expected, Encoding.Latin1.GetString(Decode([Encoding.Latin1.GetBytes(stuffed)]).Content));

    [Fact]
    public void An_end_at_once_is_an_empty_content()
    {
        Decoded decoded = Decode(["."u8.ToArray(), "\r"u8.ToArray(), "\n"u8.ToArray()]);

        Assert.Empty(decoded.Content);
        Assert.Equal(3, decoded.Used);
        Assert.Equal(ContentTraits.None, decoded.Traits);
    }

    [Fact]
    public void Nothing_behind_the_end_counts()
    {
        byte[] stream = "plain\r\n.\r\n\0\u0080\n"u8.ToArray();

        Assert.Equal(ContentTraits.None, Decode([stream]).Traits);
    }

    [Fact]
    public void Going_on_behind_the_end_is_a_bug()
    {
        var decoder = default(DotDecoder);
        decoder.Decode("."u8);
        decoder.Decode("\r\n"u8);

        Assert.Throws<InvalidOperationException>(() =>
        {
            DotDecoder ended = decoder;
            ended.Decode("x"u8);
        });
    }

    private static Decoded Decode(IEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        var decoder = default(DotDecoder);
        var content = new List<byte>();
        int used = 0;
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            ReadOnlySpan<byte> rest = piece.Span;
            while (!rest.IsEmpty)
            {
                DotSlice slice = decoder.Decode(rest);
                Assert.InRange(slice.Consumed, 1, rest.Length);
                if (slice.HeldCr)
                    content.Add((byte)'\r');
                content.AddRange(rest.Slice(slice.Start, slice.Length));
                used += slice.Consumed;
                if (slice.Ended)
                    return new Decoded([.. content], used, decoder.Finish());
                rest = rest[slice.Consumed..];
            }
        }

        return new Decoded([.. content], -1, decoder.Finish());
    }

    private sealed record Decoded(byte[] Content, int Used, ContentTraits Traits);
}
