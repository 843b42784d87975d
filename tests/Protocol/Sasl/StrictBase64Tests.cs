using System.Text;
using FsCheck.Xunit;
using SlimtaFast.Protocol.Sasl;

namespace SlimtaFast.Protocol.Tests.Sasl;

public class StrictBase64Tests
{
    [Property(MaxTest = 500)]
    public void Octets_come_back(byte[] octets)
    {
        Assert.True(StrictBase64.TryDecode(StrictBase64.Encode(octets), out byte[]? decoded));
        Assert.Equal(octets, decoded);
    }

    [Property(MaxTest = 2000)]
    public void What_is_taken_is_the_one_text_of_its_octets(byte[] text)
    {
        byte[] padded = Encoding.ASCII.GetBytes(string.Concat(text.Select(static octet => "ABCDwxyz0189+/=\n "[octet % 17])));
        if (StrictBase64.TryDecode(padded, out byte[]? octets))
            Assert.Equal(padded, StrictBase64.Encode(octets));
    }

    [Theory]
    [InlineData("A")]
    [InlineData("AA")]
    [InlineData("AAA")]
    [InlineData("AAAA=")]
    [InlineData("A===")]
    [InlineData("====")]
    [InlineData("=")]
    [InlineData("AA=A")]
    [InlineData("AAA AAAA")]
    [InlineData("AAAA\r\n")]
    [InlineData("AAA-")]
    [InlineData("AAB=")]
    [InlineData("AB==")]
    [InlineData("AA==AAAA")]
    public void Sloppy_text_is_refused(string text) => Assert.False(StrictBase64.TryDecode(Encoding.UTF8.GetBytes(text), out _));
}
