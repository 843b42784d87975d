using System.Text;

namespace SlimtaFast.Protocol.Replies;

/// <summary>
/// Remembers reply texts, so that a server's usual "Ok" is one string however often it comes. A text that differs each time costs one
/// string and a slot. Not thread-safe.
/// </summary>
internal sealed class ReplyTextCache
{
    private const int Slots = 16;

    private readonly string?[] _texts = new string?[Slots];

    /// <summary>The text of ASCII bytes without control characters.</summary>
    public string Get(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
            return "";
        ref string? slot = ref _texts[(text.Length + (7 * text[0]) + (3 * text[text.Length / 2])) % Slots];
        if (slot is not null && Ascii.Equals(text, slot))
            return slot;
        slot = Encoding.ASCII.GetString(text);
        return slot;
    }
}
