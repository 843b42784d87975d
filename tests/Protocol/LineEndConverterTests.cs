using System.Buffers;
using System.Text;
using FsCheck.Xunit;
using SlimtaFast.Mail;

namespace SlimtaFast.Protocol.Tests;

public sealed class LineEndConverterTests
{
    [Theory]
    [InlineData("a\nb\n", "a\r\nb\r\n")]
    [InlineData("a\r\nb\r\n", "a\r\nb\r\n")]
    [InlineData("a\rb\r", "a\r\nb\r\n")]
    [InlineData("a\n\nb", "a\r\n\r\nb\r\n")]
    [InlineData("a\r\n\r\nb", "a\r\n\r\nb\r\n")]
    [InlineData("a\r\rb", "a\r\n\r\nb\r\n")]
    [InlineData("\n", "\r\n")]
    [InlineData("", "")]
    public void Every_line_end_becomes_crlf(string text, string expected) => Assert.Equal(expected, Convert(text, []).Text);

    [Theory]
    [InlineData("plain\n", ContentTraits.None)]
    [InlineData(".dot\n", ContentTraits.LeadingDot)]
    [InlineData("a.dot\n", ContentTraits.None)]
    [InlineData("\u00e9\n", ContentTraits.EightBit)]
    [InlineData("\0\n", ContentTraits.Nul)]
    public void Traits_are_noted(string text, ContentTraits traits) => Assert.Equal(traits, Convert(text, []).Traits);

    [Theory]
    [InlineData(998, ContentTraits.None)]
    [InlineData(999, ContentTraits.LongLine)]
    public void Long_lines_are_noted(int length, ContentTraits traits) => Assert.Equal(traits, Convert(new string('x', length) + "\n", []).Traits);

    [Property]
    public bool Any_split_gives_the_same_result(byte[] noise, int[] cuts)
    {
        // Mostly line ends and dots, where the states are.
        string text = string.Concat((noise ?? []).Select(b => "\r\n.ax\u00e9"[b % 6]));
        return Convert(text, []) == Convert(text, cuts ?? []);
    }

    [Property]
    public bool Result_has_only_crlf_and_converting_again_changes_nothing(byte[] noise)
    {
        string text = string.Concat((noise ?? []).Select(b => "\r\n.a"[b % 4]));
        string once = Convert(text, []).Text;
        return !once.Replace("\r\n", "", StringComparison.Ordinal).Any(c => c is '\r' or '\n')
            && (once.Length == 0 || once.EndsWith("\r\n", StringComparison.Ordinal))
            && Convert(once, []).Text == once;
    }

    private static (string Text, ContentTraits Traits) Convert(string text, int[] cuts)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        var output = new ArrayBufferWriter<byte>();
        var converter = new LineEndConverter(output);
        int from = 0;
        foreach (int cut in cuts.Select(c => Math.Abs(c % (bytes.Length + 1))).Order())
        {
            converter.Write(bytes.AsSpan(from, Math.Max(0, cut - from)));
            from = Math.Max(from, cut);
        }

        converter.Write(bytes.AsSpan(from));
        converter.Complete();
        return (Encoding.Latin1.GetString(output.WrittenSpan), converter.Traits);
    }
}
