using System.Text;
using FsCheck.Xunit;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Data;

namespace SlimtaFast.Protocol.Tests.Data;

public class LineScannerTests
{
    [Property(Arbitrary = [typeof(Scraps)], MaxTest = 2000)]
    public void Any_octets_in_any_split_are_judged_as_the_naive_reference_judges_them(Scraps scraps)
    {
        var scanner = default(LineScanner);
        foreach (ReadOnlyMemory<byte> piece in scraps.Pieces)
            scanner.Scan(piece.Span);

        Assert.Equal(NaiveDots.Judge(scraps.Bytes), scanner.Finish());
    }

    [Theory]
    [InlineData(998, "\r\n", ContentTraits.None)]
    [InlineData(999, "\r\n", ContentTraits.LongLine)]
    [InlineData(998, "", ContentTraits.NoFinalLineEnd)]
    [InlineData(999, "", ContentTraits.NoFinalLineEnd | ContentTraits.LongLine)]
    [InlineData(998, "\r\nb\r\n", ContentTraits.None)]
    [InlineData(998, "\nb\r\n", ContentTraits.BareLineEnd | ContentTraits.LongLine)]
    public void A_line_is_long_beyond_998_octets_wherever_it_is_cut(int length, string rest, ContentTraits expected)
    {
        byte[] content = Encoding.ASCII.GetBytes(new string('a', length) + rest);
        for (int cut = 0; cut <= content.Length; cut += cut is > 10 and < 980 ? 61 : 1)
        {
            var scanner = default(LineScanner);
            scanner.Scan(content.AsSpan(0, cut));
            scanner.Scan(content.AsSpan(cut));
            Assert.Equal(expected, scanner.Finish());
        }
    }

    [Fact]
    public void A_line_without_end_is_marked_before_it_ends()
    {
        var scanner = default(LineScanner);
        scanner.Scan(new byte[2000].AsSpan());

        Assert.Equal(ContentTraits.LongLine | ContentTraits.Nul, scanner.Traits);
    }
}
