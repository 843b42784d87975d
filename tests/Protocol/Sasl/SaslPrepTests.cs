using FsCheck.Xunit;
using SlimtaFast.Protocol.Sasl;

namespace SlimtaFast.Protocol.Tests.Sasl;

public class SaslPrepTests
{
    // The first seven are the examples of RFC 4013 section 3.
    [Theory]
    [InlineData("I\u00ADX", "IX")]
    [InlineData("user", "user")]
    [InlineData("USER", "USER")]
    [InlineData("\u00AA", "a")]
    [InlineData("\u2168", "IX")]
    [InlineData("\u0007", null)]
    [InlineData("\u0627\u0031", null)]
    [InlineData("a\u00A0b", "a b")]
    [InlineData("pa\u0308ss", "p\u00E4ss")]
    [InlineData("\u0627\u0031\u0628", "\u0627\u0031\u0628")]
    [InlineData("\u0627a\u0628", null)]
    [InlineData("", null)]
    [InlineData("\u00AD", null)]
    [InlineData("\uD800", null)]
    [InlineData("\uFFFE", null)]
    [InlineData("\uE000", null)]
    [InlineData("a\u200Eb", null)]
    [InlineData("\U0001F600", "\U0001F600")]
    public void Text_is_prepared_or_refused(string text, string? expected)
    {
        Assert.Equal(expected is not null, SaslPrep.TryPrepare(text, out string? prepared));
        Assert.Equal(expected, prepared);
    }

    [Property(MaxTest = 2000)]
    public void Prepared_text_is_prepared_and_nothing_throws(string? text)
    {
        if (!SaslPrep.TryPrepare(text ?? "", out string? once))
            return;
        Assert.True(SaslPrep.TryPrepare(once, out string? twice));
        Assert.Equal(once, twice);
    }
}
