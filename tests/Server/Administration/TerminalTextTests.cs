using FsCheck.Xunit;
using SlimtaFast.Server.Administration;

namespace SlimtaFast.Server.Tests.Administration;

public class TerminalTextTests
{
    [Theory]
    [InlineData("bob@example.org", "bob@example.org")]
    [InlineData("ü文🐌@example.org", "ü文🐌@example.org")]
    [InlineData("\u001b[2Jgone", @"\u{1B}[2Jgone")]
    [InlineData("two\r\nlines", @"two\u{D}\u{A}lines")]
    [InlineData("\u009b31m", @"\u{9B}31m")]
    [InlineData("a\u202eb\u2066c\u200fd\u061c", @"a\u{202E}b\u{2066}c\u{200F}d\u{61C}")]
    [InlineData("a\u200bb\ufeffc\u2028d", @"a\u{200B}b\u{FEFF}c\u{2028}d")]
    [InlineData("tag\udb40\udc41", @"tag\u{E0041}")]
    [InlineData(@"\u{1B}", @"\\u{1B}")]
    [InlineData("", "")]
    public void What_could_deceive_a_terminal_is_spelt(string text, string shown) => Assert.Equal(shown, TerminalText.Escape(text));

    [Fact]
    public void Half_a_character_is_spelt() => Assert.Equal(@"half\u{D83D}", TerminalText.Escape("half" + (char)0xD83D));

    [Property]
    public void Nothing_that_controls_is_left_of_any_text(string text) =>
        Assert.DoesNotContain(TerminalText.Escape(text), static letter => char.IsControl(letter) || (letter >= '\u202a' && letter <= '\u202e') || (letter >= '\u2066' && letter <= '\u2069'));
}
