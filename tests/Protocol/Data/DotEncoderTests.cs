using System.Buffers;
using System.Text;
using FsCheck.Xunit;
using SlimtaFast.Protocol.Data;
using SlimtaFast.TestKit;

namespace SlimtaFast.Protocol.Tests.Data;

public class DotEncoderTests
{
    [Theory]
    [InlineData("", ".\r\n")]
    [InlineData("a\r\n", "a\r\n.\r\n")]
    [InlineData("a", "a\r\n.\r\n")]
    [InlineData(".", "..\r\n.\r\n")]
    [InlineData(".\r\n", "..\r\n.\r\n")]
    [InlineData("..\r\n.\r\n", "...\r\n..\r\n.\r\n")]
    [InlineData("a\r\n.b\r\n", "a\r\n..b\r\n.\r\n")]
    [InlineData("a.b\r\n\r\n.\r\n\r\n", "a.b\r\n\r\n..\r\n\r\n.\r\n")]
    public void Encode_message_gets_dots_and_end_at_any_split(string message, string expected)
    {
        foreach (ReadOnlySequence<byte> split in Segments.AllSplits(Encoding.ASCII.GetBytes(message)))
            Assert.Equal(expected, Encoding.ASCII.GetString(Encode(split, scan: true)!));
    }

    [Theory]
    [InlineData("a\nb\r\n")]
    [InlineData("a\rb\r\n")]
    [InlineData("\n")]
    [InlineData("a\r")]
    [InlineData("a\r\r\n")]
    [InlineData("a\r\n\n.\r\n")]
    [InlineData("a\r\n.\r.\r\n")]
    public void Encode_bare_line_end_is_refused_at_any_split(string message)
    {
        foreach (ReadOnlySequence<byte> split in Segments.AllSplits(Encoding.ASCII.GetBytes(message)))
            Assert.Null(Encode(split, scan: true));
    }

    [Fact]
    public void Encode_untouched_piece_is_one_slice_of_itself()
    {
        var encoder = default(DotEncoder);
        ReadOnlyMemory<byte> piece = "a\r\nb\r\n"u8.ToArray();
        ReadOnlyMemory<byte> rest = piece;
        Assert.True(encoder.TryNext(ref rest, scan: false, out ReadOnlyMemory<byte> slice, out _));
        Assert.True(slice.Equals(piece));
        Assert.False(encoder.TryNext(ref rest, scan: false, out _, out _));
        Assert.True(encoder.TryFinish(out ReadOnlyMemory<byte> end));
        Assert.Equal(".\r\n"u8.ToArray(), end.ToArray());
    }

    [Theory]
    [InlineData("a\r\n", false)]
    [InlineData("a", false)]
    [InlineData("", false)]
    [InlineData("a\r\nb\r\n", false)]
    public void Encode_message_without_leading_dots_is_the_same_scanned_or_not(string message, bool scan)
    {
        foreach (ReadOnlySequence<byte> split in Segments.AllSplits(Encoding.ASCII.GetBytes(message)))
            Assert.Equal(Encode(new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(message)), scan: true), Encode(split, scan));
    }

    [Property(MaxTest = 500)]
    public void Encode_any_message_is_refused_or_decoded_as_it_was(byte[] noise, int seed)
    {
        byte[] message = Mix(noise ?? [], seed);
        byte[]? encoded = Encode(new ReadOnlySequence<byte>(message), scan: true);
        Assert.Equal(HasBareLineEnd(message), encoded is null);
        Assert.Equal(encoded, Encode(Segments.Random(message, seed, 5), scan: true));
        if (encoded is null)
            return;
        Assert.Equal(message.Length == 0 || message.AsSpan().EndsWith("\r\n"u8) ? message : [.. message, .. "\r\n"u8], Decode(encoded));
    }

    // RFC 5321 section 4.5.2, the plain and slow way; fails where the end comes early.
    private static byte[] Decode(byte[] encoded)
    {
        string[] lines = Encoding.Latin1.GetString(encoded).Split("\r\n");
        Assert.Equal("", lines[^1]);
        Assert.Equal(".", lines[^2]);
        Assert.DoesNotContain(".", lines[..^2]);
        return Encoding.Latin1.GetBytes(string.Concat(lines[..^2].Select(static line => (line.StartsWith('.') ? line[1..] : line) + "\r\n")));
    }

    private static bool HasBareLineEnd(byte[] message) =>
        Encoding.Latin1.GetString(message).Replace("\r\n", "", StringComparison.Ordinal).AsSpan().IndexOfAny('\r', '\n') >= 0;

    private static byte[] Mix(byte[] noise, int seed)
    {
        string[] parts = ["\r\n", "\r\n.", ".", "\r\n.\r\n", "text", "\r\n\r\n"];
        string[] hostile = ["\r", "\n", "\n.\n", "\r.\r"];
        var random = new Random(seed);
        bool isHostile = seed % 3 == 0;
        var message = new List<byte>();
        foreach (byte octet in noise)
        {
            if (octet is (byte)'\r' or (byte)'\n')
                continue;
            if (octet % 8 == 0)
                message.Add(octet);
            else
                message.AddRange(Encoding.ASCII.GetBytes(isHostile && octet % 8 == 1 ? hostile[random.Next(hostile.Length)] : parts[random.Next(parts.Length)]));
        }

        return [.. message];
    }

    private static byte[]? Encode(ReadOnlySequence<byte> message, bool scan)
    {
        var encoder = default(DotEncoder);
        var output = new MemoryStream();
        foreach (ReadOnlyMemory<byte> piece in message)
        {
            ReadOnlyMemory<byte> rest = piece;
            while (encoder.TryNext(ref rest, scan, out ReadOnlyMemory<byte> slice, out bool refused))
                output.Write(slice.Span);
            if (!rest.IsEmpty)
                return null;
        }

        if (!encoder.TryFinish(out ReadOnlyMemory<byte> end))
            return null;
        output.Write(end.Span);
        return output.ToArray();
    }
}
