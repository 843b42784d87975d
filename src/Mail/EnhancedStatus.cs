namespace SlimtaFast.Mail;

/// <summary>An enhanced status code such as 5.1.1 (RFC 3463): class, subject, detail. The default value means "none".</summary>
/// <param name="Class">2, 4 or 5; 0 for none.</param>
/// <param name="Subject">0 to 999.</param>
/// <param name="Detail">0 to 999.</param>
public readonly record struct EnhancedStatus(byte Class, ushort Subject, ushort Detail)
{
    /// <summary>True where there is no code.</summary>
    public bool IsNone => Class == 0;

    /// <summary>The code as text, or an empty string for none.</summary>
    public override string ToString() => IsNone ? "" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Class}.{Subject}.{Detail}");

    /// <summary>Reads a code at the start of <paramref name="text"/>; <paramref name="consumed"/> tells its length in characters.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out EnhancedStatus status, out int consumed)
    {
        status = default;
        consumed = 0;
        if (text.Length < 5 || text[0] is not ('2' or '4' or '5') || text[1] != '.')
            return false;
        int at = 2;
        if (!TryReadNumber(text, ref at, out ushort subject) || at >= text.Length || text[at++] != '.' || !TryReadNumber(text, ref at, out ushort detail))
            return false;
        status = new EnhancedStatus((byte)(text[0] - '0'), subject, detail);
        consumed = at;
        return true;
    }

    // subject = 1*3digit, detail = 1*3digit (RFC 3463 section 2)
    private static bool TryReadNumber(ReadOnlySpan<char> text, ref int at, out ushort number)
    {
        number = 0;
        int start = at;
        while (at < text.Length && at - start < 3 && char.IsAsciiDigit(text[at]))
            number = (ushort)((number * 10) + (text[at++] - '0'));
        return at > start && (at == text.Length || !char.IsAsciiDigit(text[at]));
    }
}
