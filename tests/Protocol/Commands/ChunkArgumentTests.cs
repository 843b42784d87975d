using System.Text;
using FsCheck.Xunit;
using SlimtaFast.Protocol.Commands;

namespace SlimtaFast.Protocol.Tests.Commands;

public class ChunkArgumentTests
{
    [Theory]
    [InlineData("0", 0, false)]
    [InlineData("10", 10, false)]
    [InlineData("0 LAST", 0, true)]
    [InlineData("86  last", 86, true)]
    [InlineData("9223372036854775807", long.MaxValue, false)]
    public void A_size_is_read(string text, long octets, bool isLast)
    {
        Assert.True(ChunkArgument.TryParse(Encoding.ASCII.GetBytes(text), out ChunkArgument chunk));
        Assert.Equal(new ChunkArgument(octets, isLast), chunk);
    }

    [Theory]
    [InlineData("")]
    [InlineData("LAST")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("0x10")]
    [InlineData("1.5")]
    [InlineData("10 FIRST")]
    [InlineData("10 LAST LAST")]
    [InlineData("9223372036854775808")]
    [InlineData("99999999999999999999 LAST")]
    public void Anything_else_is_refused(string text) => Assert.False(ChunkArgument.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Property]
    public bool No_text_throws(byte[] text) => !ChunkArgument.TryParse(text, out ChunkArgument chunk) || chunk.Octets >= 0;
}
