using System.Buffers;
using SlimtaFast.Mail;

namespace SlimtaFast.Protocol;

/// <summary>
/// Turns text with any line ends (LF, CR or CRLF) into the CRLF lines that SMTP carries (RFC 5321 section 2.3.8), piece by piece, and
/// notes what it sees. Not thread-safe.
/// </summary>
public sealed class LineEndConverter
{
    private const int LongestLine = 998;
    private static readonly SearchValues<byte> LineEnds = SearchValues.Create("\r\n"u8);

    private readonly IBufferWriter<byte> _output;
    private bool _afterCarriageReturn;
    private long _lineLength;

    /// <summary>Writes to a buffer.</summary>
    public LineEndConverter(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        _output = output;
    }

    /// <summary>What was seen so far.</summary>
    public ContentTraits Traits { get; private set; }

    /// <summary>Takes the next piece of the text.</summary>
    public void Write(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            if (_afterCarriageReturn && text[0] == (byte)'\n')
                text = text[1..];
            _afterCarriageReturn = false;
            int end = text.IndexOfAny(LineEnds);
            AppendToLine(end < 0 ? text : text[..end]);
            if (end < 0)
                return;
            EndLine();
            _afterCarriageReturn = text[end] == (byte)'\r';
            text = text[(end + 1)..];
        }
    }

    /// <summary>Ends the last line where the text did not.</summary>
    public void Complete()
    {
        if (_lineLength > 0)
            EndLine();
    }

    private void AppendToLine(ReadOnlySpan<byte> part)
    {
        if (part.IsEmpty)
            return;
        if (_lineLength == 0 && part[0] == (byte)'.')
            Traits |= ContentTraits.LeadingDot;
        if (part.IndexOfAnyExceptInRange((byte)0, (byte)127) >= 0)
            Traits |= ContentTraits.EightBit;
        if (part.Contains((byte)0))
            Traits |= ContentTraits.Nul;
        _lineLength += part.Length;
        if (_lineLength > LongestLine)
            Traits |= ContentTraits.LongLine;
        _output.Write(part);
    }

    private void EndLine()
    {
        _output.Write("\r\n"u8);
        _lineLength = 0;
    }
}
