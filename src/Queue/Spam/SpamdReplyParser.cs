using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace SlimtaFast.Queue.Spam;

/// <summary>
/// Reads spamd's reply to SYMBOLS (spamd/PROTOCOL of SpamAssassin):
/// <code>
/// SPAMD/1.1 0 EX_OK
/// Content-length: 18
/// Spam: True ; 15.2 / 5.0
///
/// GTUBE,NO_RECEIVED
/// </code>
/// Never throws on input, and keeps nothing of it but names of rules.
/// </summary>
internal static class SpamdReplyParser
{
    /// <summary>Octets of the longest reply: 64 KiB.</summary>
    public const int Longest = 64 * 1024;

    /// <summary>Reads what has come of a reply so far.</summary>
    /// <param name="bytes">All octets from its start.</param>
    /// <param name="isEnd">True where no more will come.</param>
    /// <param name="verdict">The verdict, with <see cref="SpamdReplyStatus.Done"/> only.</param>
    public static SpamdReplyStatus Parse(ReadOnlySpan<byte> bytes, bool isEnd, out SpamdVerdict? verdict)
    {
        verdict = null;
        if (bytes.Length > Longest)
            return SpamdReplyStatus.Bad;
        SpamdReplyStatus missing = isEnd ? SpamdReplyStatus.Bad : SpamdReplyStatus.NeedMore;
        int at = 0;
        if (!TryReadLine(bytes, ref at, out ReadOnlySpan<byte> line))
            return missing;
        if (!IsSuccess(line))
            return SpamdReplyStatus.Bad;
        int length = -1;
        (bool IsSpam, double Score, double Threshold)? spam = null;
        while (true)
        {
            if (!TryReadLine(bytes, ref at, out line))
                return missing;
            if (line.IsEmpty)
                break;
            int colon = line.IndexOf((byte)':');
            ReadOnlySpan<byte> name = colon < 0 ? line : line[..colon], value = colon < 0 ? default : line[(colon + 1)..].Trim(" \t"u8);
            if (Ascii.EqualsIgnoreCase(name, "Content-length"u8))
            {
                if (!Utf8Parser.TryParse(value, out length, out int used) || used != value.Length || length is < 0 or > Longest)
                    return SpamdReplyStatus.Bad;
            }
            else if (Ascii.EqualsIgnoreCase(name, "Spam"u8))
            {
                spam = ReadSpam(value);
                if (spam is null)
                    return SpamdReplyStatus.Bad;
            }
        }

        if (spam is null)
            return SpamdReplyStatus.Bad;
        if (length < 0 ? !isEnd : bytes.Length - at < length)
            return missing;
        ReadOnlySpan<byte> body = length < 0 ? bytes[at..] : bytes.Slice(at, length);
        verdict = new SpamdVerdict(spam.Value.IsSpam, spam.Value.Score, spam.Value.Threshold, ReadSymbols(body));
        return SpamdReplyStatus.Done;
    }

    // SPAMD/version 0 word
    private static bool IsSuccess(ReadOnlySpan<byte> line)
    {
        if (!line.StartsWith("SPAMD/"u8))
            return false;
        int blank = line.IndexOf((byte)' ');
        if (blank < 0)
            return false;
        ReadOnlySpan<byte> code = line[(blank + 1)..].Trim((byte)' ');
        return code.StartsWith((byte)'0') && (code.Length == 1 || code[1] == ' ');
    }

    // True ; 15.2 / 5.0
    private static (bool IsSpam, double Score, double Threshold)? ReadSpam(ReadOnlySpan<byte> value)
    {
        int semicolon = value.IndexOf((byte)';'), slash = value.IndexOf((byte)'/');
        if (semicolon < 0 || slash < semicolon)
            return null;
        ReadOnlySpan<byte> word = value[..semicolon].Trim(" \t"u8);
        bool isSpam = Ascii.EqualsIgnoreCase(word, "True"u8) || Ascii.EqualsIgnoreCase(word, "Yes"u8);
        if (!isSpam && !Ascii.EqualsIgnoreCase(word, "False"u8) && !Ascii.EqualsIgnoreCase(word, "No"u8))
            return null;
        return TryReadScore(value[(semicolon + 1)..slash], out double score) && TryReadScore(value[(slash + 1)..], out double threshold)
            ? (isSpam, score, threshold)
            : null;
    }

    private static bool TryReadScore(ReadOnlySpan<byte> text, out double score) =>
        double.TryParse(text.Trim(" \t"u8), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out score)
        && Math.Abs(score) < 1_000_000;

    private static string ReadSymbols(ReadOnlySpan<byte> body)
    {
        var symbols = new StringBuilder();
        foreach (Range range in body.SplitAny(", \t\r\n"u8))
        {
            ReadOnlySpan<byte> symbol = body[range];
            if (symbol.IsEmpty || symbol.Length > 200)
                continue;
            bool isName = true;
            foreach (byte c in symbol)
                isName &= char.IsAsciiLetterOrDigit((char)c) || c == '_';
            if (isName)
                symbols.Append(symbols.Length > 0 ? "," : "").Append(Encoding.ASCII.GetString(symbol));
        }

        return symbols.ToString();
    }

    // A line without its CRLF or LF.
    private static bool TryReadLine(ReadOnlySpan<byte> bytes, ref int at, out ReadOnlySpan<byte> line)
    {
        int end = bytes[at..].IndexOf((byte)'\n');
        line = end < 0 ? default : bytes.Slice(at, end);
        if (end < 0)
            return false;
        at += end + 1;
        if (line.EndsWith("\r"u8))
            line = line[..^1];
        return true;
    }
}
