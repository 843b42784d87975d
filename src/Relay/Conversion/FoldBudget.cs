namespace SlimtaFast.Relay.Conversion;

/// <summary>
/// Watches a message on its way to MimeKit, whose reading of a header field costs the square of the field's length where it is folded into
/// many lines: seconds for a megabyte, hours for the largest message. Runs of lines that begin with a blank are what a folded field is made
/// of, so their squares are added up. What is read while MimeKit is within the body of a part costs nothing.
/// </summary>
internal struct FoldBudget
{
    // One field of half a megabyte, or fifty of 70 KB.
    private const double Most = 512d * 1024 * 512 * 1024;

    private double _spent;
    private long _run;
    private bool _isMidLine;
    private bool _isFolded;

    /// <summary>Passes over the next octets, which are a body's.</summary>
    public void PassOver()
    {
        _spent += (double)_run * _run;
        _run = 0;
        _isMidLine = false;
    }

    /// <summary>Looks at the next octets; false once the message costs too much.</summary>
    public bool TrySpend(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (!_isMidLine)
            {
                _isFolded = bytes[0] is (byte)' ' or (byte)'\t';
                if (!_isFolded)
                {
                    _spent += (double)_run * _run;
                    _run = 0;
                }
            }

            int end = bytes.IndexOf((byte)'\n');
            int taken = end < 0 ? bytes.Length : end + 1;
            if (_isFolded)
                _run += taken;
            _isMidLine = end < 0;
            bytes = bytes[taken..];
        }

        return _spent + ((double)_run * _run) <= Most;
    }
}
