using System.Buffers;

namespace SlimtaFast.Mail.Serialization;

/// <summary>
/// The trace that a message belongs to, inside a head:
/// <code>
/// trace = trace-id(16) parent-id(8) flags(1)
/// </code>
/// It is a <c>traceparent</c> of version 00 (W3C Trace Context, 3.2), whose text form has 55 characters. Nothing depends on a trace: what is none is
/// neither written nor believed, and the message is as good without it.
/// </summary>
internal static class TraceFormat
{
    /// <summary>The octets of the inside of the section.</summary>
    public const int Length = TraceIdLength + ParentIdLength + 1;

    private const int TraceIdLength = 16;
    private const int ParentIdLength = 8;
    private const int TextLength = 55;

    /// <summary>Turns the text form into octets; false where it is none of version 00.</summary>
    /// <param name="text">The text form, or null.</param>
    /// <param name="octets">Room for <see cref="Length"/> octets.</param>
    public static bool TryParse(string? text, Span<byte> octets) =>
        text is { Length: TextLength }
        && text.StartsWith("00-", StringComparison.Ordinal) && text[35] == '-' && text[52] == '-'
        && IsHex(text.AsSpan(3, 2 * TraceIdLength), octets[..TraceIdLength])
        && IsHex(text.AsSpan(36, 2 * ParentIdLength), octets.Slice(TraceIdLength, ParentIdLength))
        && IsHex(text.AsSpan(53, 2), octets.Slice(Length - 1, 1))
        && HasIds(octets);

    /// <summary>Reads the inside of the section; null where it is no trace.</summary>
    public static string? Read(ref BlockReader reader)
    {
        ReadOnlySpan<byte> octets = reader.ReadRest();
        if (octets.Length != Length || !HasIds(octets))
            return null;
        Span<char> text = stackalloc char[TextLength];
        "00-".CopyTo(text);
        Convert.TryToHexStringLower(octets[..TraceIdLength], text[3..], out _);
        text[35] = '-';
        Convert.TryToHexStringLower(octets.Slice(TraceIdLength, ParentIdLength), text[36..], out _);
        text[52] = '-';
        Convert.TryToHexStringLower(octets[(Length - 1)..], text[53..], out _);
        return new string(text);
    }

    private static bool IsHex(ReadOnlySpan<char> digits, Span<byte> octets) =>
        Convert.FromHexString(digits, octets, out _, out _) == OperationStatus.Done;

    // Ids of zeros only are no ids.
    private static bool HasIds(ReadOnlySpan<byte> octets) =>
        octets[..TraceIdLength].ContainsAnyExcept((byte)0) && octets.Slice(TraceIdLength, ParentIdLength).ContainsAnyExcept((byte)0);
}
