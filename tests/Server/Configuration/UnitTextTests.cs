using FsCheck.Xunit;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Tests.Configuration;

public sealed class UnitTextTests
{
    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("30s", 30_000)]
    [InlineData("5m", 300_000)]
    [InlineData("4h", 14_400_000)]
    [InlineData("5d", 432_000_000)]
    public void Duration_with_unit_is_read(string text, double milliseconds)
    {
        Assert.True(UnitText.TryParseDuration(text, out TimeSpan duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("5 s")]
    [InlineData("5w")]
    [InlineData("99999999999999999999s")]
    [InlineData("9999999999d")]
    public void Duration_without_sense_is_refused(string text) => Assert.False(UnitText.TryParseDuration(text, out _));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("52428800", 52_428_800)]
    [InlineData("64K", 65_536)]
    [InlineData("50M", 52_428_800)]
    [InlineData("16g", 17_179_869_184)]
    [InlineData("1GiB", 1_073_741_824)]
    public void Size_is_read(string text, long octets)
    {
        Assert.True(UnitText.TryParseSize(text, out long read));
        Assert.Equal(octets, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("K")]
    [InlineData("1T")]
    [InlineData("1.5M")]
    [InlineData("9223372036854775807G")]
    public void Size_without_sense_is_refused(string text) => Assert.False(UnitText.TryParseSize(text, out _));

    [Property]
    public bool No_text_throws_and_what_is_refused_is_zero(string? text) =>
        (UnitText.TryParseDuration(text, out TimeSpan duration) || duration == TimeSpan.Zero)
        && (UnitText.TryParseSize(text, out long octets) || octets == 0);
}
