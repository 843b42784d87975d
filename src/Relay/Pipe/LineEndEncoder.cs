namespace SlimtaFast.Relay.Pipe;

/// <summary>
/// Turns CRLF into LF, in any pieces. A CR or LF that is not part of CRLF stays as it is: a message's octets are nobody's to repair here.
/// Not thread-safe.
/// </summary>
internal struct LineEndEncoder
{
    // A CR at the end of the last piece, of which it is not known yet what follows.
    private bool _hasCarriageReturn;

    /// <summary>Octets that a piece may become at most.</summary>
    public static int GetMostOctets(int length) => length + 1;

    /// <summary>Encodes a piece; returns how many octets were written to <paramref name="output"/>.</summary>
    public int Encode(ReadOnlySpan<byte> input, Span<byte> output)
    {
        if (input.IsEmpty)
            return 0;
        int written = 0;
        if (_hasCarriageReturn)
        {
            _hasCarriageReturn = false;
            if (input[0] != (byte)'\n')
                output[written++] = (byte)'\r';
        }

        while (!input.IsEmpty)
        {
            int carriageReturn = input.IndexOf((byte)'\r');
            ReadOnlySpan<byte> plain = carriageReturn < 0 ? input : input[..carriageReturn];
            plain.CopyTo(output[written..]);
            written += plain.Length;
            if (carriageReturn < 0)
                break;
            input = input[(carriageReturn + 1)..];
            if (input.IsEmpty)
                _hasCarriageReturn = true;
            else if (input[0] != (byte)'\n')
                output[written++] = (byte)'\r';
        }

        return written;
    }

    /// <summary>Writes what was held back at the end of the message; returns how many octets.</summary>
    public int Finish(Span<byte> output)
    {
        if (!_hasCarriageReturn)
            return 0;
        _hasCarriageReturn = false;
        output[0] = (byte)'\r';
        return 1;
    }
}
