using System.Numerics;
using SlimtaFast.Mail;

namespace SlimtaFast.Protocol.Data;

/// <summary>
/// Reads content once, 64 octets at a time, and notes all that anybody needs to know of its lines: bare CR and LF, NUL, 8-bit octets,
/// long lines, lines that start with a dot, the final line end. Only CRLF ends a line. Keeps what it needs between calls, so that any split of the
/// content gives the same result.
/// </summary>
/// <remarks>
/// With one bit an octet, <c>afterCr = (cr &lt;&lt; 1) | carry</c> marks the octets behind a CR. Where that and <c>lf</c> differ there is a
/// bare CR or LF; where they agree a line ends, and the octet behind it starts one.
/// </remarks>
internal struct LineScanner
{
    // RFC 5321 section 4.5.3.1.6: 1,000 octets with CRLF.
    private const int LongestLine = 998;

    // Anything that is neither a line end, a dot, NUL nor 8-bit.
    private const byte Filler = (byte)'x';

    private ContentTraits _traits;
    private long _column;
    private bool _afterCr;
    private bool _insideLine;

    /// <summary>What was seen so far.</summary>
    public readonly ContentTraits Traits => _traits;

    /// <summary>Looks at all octets; a dot at the start of a line is noted.</summary>
    public void Scan(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int dot = ScanToDot(bytes);
            bytes = bytes[dot..];
            if (bytes.IsEmpty)
                break;
            _traits |= ContentTraits.LeadingDot;
            Add(bytes[0]);
            bytes = bytes[1..];
        }
    }

    /// <summary>Looks at the octets up to the first dot that starts a line and returns its index, or the length where there is none. The dot itself is not looked at.</summary>
    public int ScanToDot(ReadOnlySpan<byte> bytes)
    {
        ulong bare = 0, carriedCr = _afterCr ? 1UL : 0, carriedStart = _insideLine ? 0 : 1UL;
        uint high = 0, nul = 0;
        Span<byte> padded = stackalloc byte[LineMasks.Width];
        int at = 0;
        int stop = bytes.Length;
        while (at < stop)
        {
            int width = Math.Min(LineMasks.Width, stop - at);
            LineMasks masks;
            if (width == LineMasks.Width)
            {
                masks = LineMasks.Of(bytes[at..]);
            }
            else
            {
                padded.Fill(Filler);
                bytes.Slice(at, width).CopyTo(padded);
                masks = LineMasks.Of(padded);
            }

            ulong afterCr = (masks.Cr << 1) | carriedCr;
            ulong lineEnds = afterCr & masks.Lf;
            ulong dots = ((lineEnds << 1) | carriedStart) & masks.Dot;
            if (dots != 0)
            {
                // Go over the octets in front of the dot alone, so that nothing behind it counts.
                stop = at + BitOperations.TrailingZeroCount(dots);
                continue;
            }

            ulong all = ulong.MaxValue >> (LineMasks.Width - width);
            bare |= (afterCr ^ masks.Lf) & all;
            high |= masks.High;
            nul |= masks.Nul;
            carriedCr = (masks.Cr >> (width - 1)) & 1;
            carriedStart = (lineEnds >> (width - 1)) & 1;
            MeasureLines(lineEnds, width);
            at += width;
        }

        _afterCr = carriedCr != 0;
        _insideLine = carriedStart == 0;
        _traits |= (bare != 0 ? ContentTraits.BareLineEnd : 0) | (high != 0 ? ContentTraits.EightBit : 0) | (nul != 0 ? ContentTraits.Nul : 0);
        return at;
    }

    /// <summary>Goes past a dot that is not part of the content: the line has begun, but holds nothing yet.</summary>
    public void SkipDot() => _insideLine = true;

    /// <summary>Looks at one octet that the caller knows to be no line end after a CR: a dot that starts a line, or a CR that follows one.</summary>
    public void Add(byte octet)
    {
        _afterCr = octet == (byte)'\r';
        _insideLine = true;
        _column++;
    }

    /// <summary>Notes that the decoded line starts with a dot.</summary>
    public void NoteLeadingDot() => _traits |= ContentTraits.LeadingDot;

    /// <summary>The content is over: judges what only its end shows, and tells all that was seen.</summary>
    public ContentTraits Finish()
    {
        if (_afterCr)
            _traits |= ContentTraits.BareLineEnd;
        if (_column > LongestLine)
            _traits |= ContentTraits.LongLine;
        if (_insideLine)
            _traits |= ContentTraits.NoFinalLineEnd;
        return _traits;
    }

    // Within a block only the first line can be long; it may have begun long before.
    private void MeasureLines(ulong lineEnds, int width)
    {
        if (lineEnds == 0)
        {
            _column += width;
            // One more than the longest line may be its CR.
            if (_column > LongestLine + 1)
                _traits |= ContentTraits.LongLine;
            return;
        }

        int first = BitOperations.TrailingZeroCount(lineEnds);
        if (_column + first - 1 > LongestLine)
            _traits |= ContentTraits.LongLine;
        int last = 63 - BitOperations.LeadingZeroCount(lineEnds);
        _column = width - 1 - last;
    }
}
