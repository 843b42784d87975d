using System.Buffers;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Proxy;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>
/// Reads PROXY headers. However the octets are cut the same comes out, never more than the header is taken, a shorter part is not judged
/// otherwise, and what was read can be written and read again.
/// </summary>
public sealed class ProxyTarget : IFuzzTarget
{
    private const int LongestInput = 1024;

    /// <inheritdoc/>
    public string Name => "proxy";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length > LongestInput)
            input = input[..LongestInput];
        ProxyParseStatus status = ProxyHeaderParser.Parse(new ReadOnlySequence<byte>(input.ToArray()), out ProxyHeader? header, out int length);
        ProxyParseStatus cut = ProxyHeaderParser.Parse(SplitInput.InPieces(input, 3), out _, out int cutLength);
        FuzzAssert.That(status == cut && length == cutLength, "The answer depends on how the input is cut.");
        FuzzAssert.That((header is not null) == (status == ProxyParseStatus.Done), "A header is not what the status says.");
        FuzzAssert.That(length <= input.Length && (length > 0) == (header is not null), "The length is not the header's.");
        if (header is null)
            return;
        ProxyParseStatus before = ProxyHeaderParser.Parse(new ReadOnlySequence<byte>(input[..(length - 1)].ToArray()), out _, out _);
        FuzzAssert.That(before == ProxyParseStatus.NeedMore, "A part of a header is not taken for one.");
        CheckText(header.Authority);
        CheckText(header.Tls?.ToString());
        CheckText(header.Tls?.CommonName);
        var output = new ArrayBufferWriter<byte>();
        header.WriteTo(output);
        ProxyParseStatus again = ProxyHeaderParser.Parse(new ReadOnlySequence<byte>(output.WrittenMemory), out ProxyHeader? same, out int written);
        FuzzAssert.That(again == ProxyParseStatus.Done && written == output.WrittenCount, "What was written is not read.");
        FuzzAssert.That(same! with { UniqueId = default } == header with { UniqueId = default }, "What was written is read as something else.");
        FuzzAssert.That(same!.UniqueId.Span.SequenceEqual(header.UniqueId.Span), "A connection's name is read as another.");
    }

    private static void CheckText(string? text)
    {
        foreach (char c in text ?? "")
            FuzzAssert.That(!char.IsControl(c) && c is not ('\u2028' or '\u2029'), "A text holds a control character.");
    }
}
