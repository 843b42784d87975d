using SlimtaFast.Mail;

namespace SlimtaFast.Protocol.Data;

/// <summary>
/// Takes the dots out of DATA and finds its end (RFC 5321 section 4.5.2): the end is a line that is a dot and nothing else, where only
/// CRLF ends a line; of any other line that starts with a dot the dot is dropped. What remains comes out as slices of the input: nothing is
/// copied. Any split of the input gives the same content. Not thread-safe; one for each message.
/// </summary>
internal struct DotDecoder
{
    private LineScanner _scanner;
    private Position _position;

    private enum Position : byte
    {
        /// <summary>In the content.</summary>
        Content,

        /// <summary>Behind a dot that starts a line.</summary>
        Dot,

        /// <summary>Behind a dot that starts a line, and a CR.</summary>
        DotCr,

        /// <summary>Behind the end.</summary>
        End,
    }

    /// <summary>What was seen in the content so far.</summary>
    public readonly ContentTraits Traits => _scanner.Traits;

    /// <summary>Takes the next piece. To be called until the input is consumed or the end is reached, and not after that.</summary>
    public DotSlice Decode(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            return default;
        int at = 0;
        bool heldCr = false;
        if (_position == Position.Dot)
        {
            if (input[0] == (byte)'\r')
            {
                _position = Position.DotCr;
                at = 1;
                if (input.Length == 1)
                    return new DotSlice(1, 0, 0, false, false);
            }
            else
            {
                _position = Position.Content;
                if (input[0] == (byte)'.')
                    _scanner.NoteLeadingDot();
            }
        }

        if (_position == Position.DotCr)
        {
            if (input[at] == (byte)'\n')
            {
                _position = Position.End;
                return new DotSlice(at + 1, 0, 0, false, true);
            }

            // Not the end: the CR was content, and a bare one.
            _scanner.Add((byte)'\r');
            heldCr = true;
            _position = Position.Content;
        }

        if (_position == Position.End)
            throw new InvalidOperationException("The data has ended.");
        int length = _scanner.ScanToDot(input[at..]);
        if (at + length == input.Length)
            return new DotSlice(input.Length, at, length, heldCr, false);
        _scanner.SkipDot();
        _position = Position.Dot;
        return new DotSlice(at + length + 1, at, length, heldCr, false);
    }

    /// <summary>Judges what only the end shows, and tells all that was seen.</summary>
    public ContentTraits Finish()
    {
        // The line that ended the data is none of the content.
        LineScanner whole = _scanner;
        return whole.Finish() & ~ContentTraits.NoFinalLineEnd;
    }
}
