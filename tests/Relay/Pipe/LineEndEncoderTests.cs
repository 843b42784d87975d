using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SlimtaFast.Relay.Pipe;

namespace SlimtaFast.Relay.Tests.Pipe;

public sealed class LineEndEncoderTests
{
    [Theory]
    [InlineData("a\r\nb\r\n", "a\nb\n")]
    [InlineData("a\rb\n", "a\rb\n")]
    [InlineData("\r\r\n\r", "\r\n\r")]
    [InlineData("", "")]
    public void Only_pairs_are_changed(string input, string output) => Assert.Equal(output, Encode(input, 1000));

    [Property(MaxTest = 1000)]
    public Property Any_split_gives_the_same() => Prop.ForAll(
        Gen.Elements("\r\nab".ToCharArray()).ListOf().Select(static chars => new string([.. chars])).ToArbitrary(),
        Gen.Choose(1, 5).ToArbitrary(),
        static (text, piece) => Encode(text, piece) == text.Replace("\r\n", "\n", StringComparison.Ordinal));

    private static string Encode(string text, int piece)
    {
        byte[] input = Encoding.Latin1.GetBytes(text);
        var output = new List<byte>();
        var encoder = default(LineEndEncoder);
        byte[] buffer = new byte[LineEndEncoder.GetMostOctets(piece)];
        for (int at = 0; at < input.Length; at += piece)
            output.AddRange(buffer.AsSpan(0, encoder.Encode(input.AsSpan(at, Math.Min(piece, input.Length - at)), buffer)));
        output.AddRange(buffer.AsSpan(0, encoder.Finish(buffer)));
        return Encoding.Latin1.GetString([.. output]);
    }
}
