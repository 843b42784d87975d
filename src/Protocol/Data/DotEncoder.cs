namespace SlimtaFast.Protocol.Data;

/// <summary>
/// Turns a message into what DATA carries (RFC 5321 section 4.5.2): a dot in front of each line that starts with one, CRLF at the end,
/// then the line with the single dot. It yields slices of the message itself and of constants; nothing is copied. The pieces may be cut
/// anywhere. A piece that is scanned is also checked: a CR or LF outside a CRLF pair is refused, since it must never go out. One that
/// is known to be clean and without leading dots passes untouched.
/// </summary>
internal struct DotEncoder
{
    private static readonly ReadOnlyMemory<byte> Dot = "."u8.ToArray();
    private static readonly ReadOnlyMemory<byte> EndAtLineStart = ".\r\n"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> EndInLine = "\r\n.\r\n"u8.ToArray();

    private Place _place;

    private enum Place : byte
    {
        // The default value, because a message starts at the start of a line.
        LineStart,
        StuffedDot,
        InLine,
        AfterCr,
    }

    /// <summary>
    /// Gives the next slice of a piece; false at its end and where a bare CR or LF stands in the way, which
    /// <paramref name="refused"/> tells.
    /// </summary>
    /// <param name="rest">What is left of the piece; moved behind the slice.</param>
    /// <param name="scan">False where the piece is known to have CRLF lines only, none of which starts with a dot.</param>
    /// <param name="slice">What to send next.</param>
    /// <param name="refused">True where the piece holds a bare CR or LF.</param>
    public bool TryNext(ref ReadOnlyMemory<byte> rest, bool scan, out ReadOnlyMemory<byte> slice, out bool refused)
    {
        slice = default;
        refused = false;
        if (rest.IsEmpty)
            return false;
        ReadOnlySpan<byte> span = rest.Span;
        if (_place == Place.LineStart && span[0] == (byte)'.')
        {
            slice = Dot;
            _place = Place.StuffedDot;
            return true;
        }

        int length = scan || _place == Place.AfterCr ? MeasureChecked(span) : MeasureTrusted(span);
        refused = length < 0;
        if (refused)
            return false;
        slice = rest[..length];
        rest = rest[length..];
        return true;
    }

    /// <summary>The end of the message and of DATA, or false where the message ends with a bare CR.</summary>
    public readonly bool TryFinish(out ReadOnlyMemory<byte> slice)
    {
        slice = _place == Place.LineStart ? EndAtLineStart : EndInLine;
        return _place != Place.AfterCr;
    }

    // Up to the next line that starts with a dot, or all; -1 at a bare line end.
    private int MeasureChecked(ReadOnlySpan<byte> span)
    {
        int at = 0;
        if (_place == Place.AfterCr)
        {
            if (span[0] != (byte)'\n')
                return -1;
            _place = Place.LineStart;
            return 1;
        }

        while (true)
        {
            int found = span[at..].IndexOfAny((byte)'\r', (byte)'\n');
            if (found < 0)
            {
                _place = Place.InLine;
                return span.Length;
            }

            at += found;
            if (span[at] == (byte)'\n')
                return -1;
            if (at + 1 == span.Length)
            {
                _place = Place.AfterCr;
                return span.Length;
            }

            if (span[at + 1] != (byte)'\n')
                return -1;
            at += 2;
            if (at == span.Length || span[at] == (byte)'.')
            {
                _place = Place.LineStart;
                return at;
            }
        }
    }

    private int MeasureTrusted(ReadOnlySpan<byte> span)
    {
        _place = span.EndsWith("\r\n"u8) ? Place.LineStart : span[^1] == (byte)'\r' ? Place.AfterCr : Place.InLine;
        return span.Length;
    }
}
