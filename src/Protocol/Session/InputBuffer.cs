using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace SlimtaFast.Protocol.Session;

/// <summary>
/// What a client sent and nobody has used yet. Between <see cref="ReadAsync"/> and <see cref="Release"/> it is worked on in place: lines are
/// spans of the pipe's own buffer, and only a line that spans two of its segments is copied. Not thread-safe.
/// </summary>
internal sealed class InputBuffer
{
    // How much of an over-long line is skipped in the hope of its end.
    private const int MostSkipped = 64 * 1024;

    private PipeReader _reader;
    private readonly int _longestLine;
    private readonly int _longestAuthLine;
    private ReadOnlySequence<byte> _read;
    private ReadOnlyMemory<byte> _first;
    private long _consumed;
    private bool _holdsBuffer;
    private byte[]? _joined;
    private int _skipped;
    private bool _isSkipping;
    private bool _skippedCr;
    private bool _afterBareLineFeed;

    /// <summary>
    /// Reads from a connection's input; a line has at most <paramref name="longestLine"/> octets, CRLF included. AUTH and its responses
    /// may have <paramref name="longestAuthLine"/> where that is more.
    /// </summary>
    public InputBuffer(PipeReader reader, int longestLine, int longestAuthLine = 0)
    {
        _reader = reader;
        _longestLine = longestLine;
        _longestAuthLine = longestAuthLine;
    }

    /// <summary>The next octets in one piece; empty where there are none.</summary>
    public ReadOnlyMemory<byte> First => _first;

    /// <summary>True where nothing is left to work on.</summary>
    public bool IsEmpty => _first.IsEmpty;

    /// <summary>True within a line that is thrown away: what is here is not the start of one.</summary>
    public bool IsSkipping => _isSkipping;

    /// <summary>True where the pipe holds octets that were looked at and make no whole line yet.</summary>
    public bool HasRest { get; private set; }

    /// <summary>True where the client has closed its side: what is here is all that will come.</summary>
    public bool IsEnd { get; private set; }

    /// <summary>True where the client has sent something already, or closed; does not wait. Only before the first read.</summary>
    public bool HasSpoken()
    {
        if (!_reader.TryRead(out ReadResult result))
            return false;
        bool hasSpoken = !result.Buffer.IsEmpty;
        _reader.AdvanceTo(result.Buffer.Start);
        return hasSpoken;
    }

    /// <summary>True where the next line is no command but the answer to a challenge of AUTH.</summary>
    public bool ExpectsResponse { get; set; }

    /// <summary>Goes on with another input. Only after <see cref="Release"/>, and where nothing is left.</summary>
    public void Attach(PipeReader reader) => _reader = reader;

    /// <summary>Waits for more than there is. Only after <see cref="Release"/>; the result goes to <see cref="Accept"/>.</summary>
    public ValueTask<ReadResult> ReadAsync() => _reader.ReadAsync();

    /// <summary>Takes over what was read.</summary>
    public void Accept(in ReadResult result)
    {
        _read = result.Buffer;
        _first = _read.First;
        _consumed = 0;
        _holdsBuffer = true;
        IsEnd = result.IsCompleted;
        if (_first.IsEmpty && !_read.IsEmpty)
            Consume(0);
    }

    /// <summary>Gives the buffer back, so that the pipe may wait for more: all of it was looked at.</summary>
    public void Release()
    {
        if (!_holdsBuffer)
            return;
        _holdsBuffer = false;
        SequencePosition consumed = _read.GetPosition(_consumed);
        SequencePosition examined = _read.End;
        HasRest = _consumed < _read.Length;
        _read = default;
        _first = default;
        _consumed = 0;
        _reader.AdvanceTo(consumed, examined);
    }

    /// <summary>Goes past octets of <see cref="First"/>.</summary>
    public void Consume(int octets)
    {
        _consumed += octets;
        _first = _first[octets..];
        if (_first.IsEmpty && _consumed < _read.Length)
            _first = FirstWithOctets(_read.Slice(_consumed));
    }

    /// <summary>Takes the next line, without its CRLF. The span is valid until <see cref="Release"/>, or until the next line is taken.</summary>
    public LineStatus TakeLine(out ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> first = _first.Span;
        int lineFeed = first.IndexOf((byte)'\n');
        if (lineFeed > 0 && first[lineFeed - 1] == (byte)'\r' && lineFeed < _longestLine && !_isSkipping && !_afterBareLineFeed)
        {
            line = first[..(lineFeed - 1)];
            Consume(lineFeed + 1);
            return LineStatus.Line;
        }

        return TakeOddLine(out line);
    }

    private static ReadOnlyMemory<byte> FirstWithOctets(ReadOnlySequence<byte> rest)
    {
        foreach (ReadOnlyMemory<byte> piece in rest)
        {
            if (!piece.IsEmpty)
                return piece;
        }

        return default;
    }

    // Everything but a whole line in one piece.
    private LineStatus TakeOddLine(out ReadOnlySpan<byte> line)
    {
        line = default;
        if (_isSkipping)
            return Skip();
        int limit = IsAuthLine() ? _longestAuthLine : _longestLine;
        ReadOnlySpan<byte> text = Join(limit);
        int lineFeed = text.IndexOf((byte)'\n');
        if (lineFeed < 0)
        {
            if (text.Length < limit)
                return LineStatus.NeedMore;
            _isSkipping = true;
            return Skip();
        }

        bool isWhole = lineFeed > 0 && text[lineFeed - 1] == (byte)'\r';
        ConsumeAcross(lineFeed + 1);
        if (!isWhole || _afterBareLineFeed)
        {
            // Text between a bare LF and the next CRLF is part of a broken line, whoever it looks like.
            _afterBareLineFeed = !isWhole;
            return LineStatus.BareLineFeed;
        }

        line = text[..(lineFeed - 1)];
        return LineStatus.Line;
    }

    private bool IsAuthLine()
    {
        if (_longestAuthLine <= _longestLine)
            return false;
        if (ExpectsResponse)
            return true;
        ReadOnlySpan<byte> command = "AUTH "u8;
        ReadOnlySequence<byte> rest = _read.Slice(_consumed);
        if (rest.Length < command.Length)
            return false;
        Span<byte> start = stackalloc byte[command.Length];
        rest.Slice(0, command.Length).CopyTo(start);
        return Ascii.EqualsIgnoreCase(start, command);
    }

    // At most as much as a line may have, in one piece.
    private ReadOnlySpan<byte> Join(int limit)
    {
        ReadOnlySequence<byte> rest = _read.Slice(_consumed);
        if (rest.Length > limit)
            rest = rest.Slice(0, limit);
        if (rest.IsSingleSegment)
            return rest.FirstSpan;
        if (_joined is null || _joined.Length < limit)
            _joined = new byte[limit];
        rest.CopyTo(_joined);
        return _joined.AsSpan(0, (int)rest.Length);
    }

    // Throws an over-long line away as it comes, up to its CRLF.
    private LineStatus Skip()
    {
        while (!_first.IsEmpty)
        {
            ReadOnlySpan<byte> first = _first.Span;
            int lineFeed = first.IndexOf((byte)'\n');
            int taken = lineFeed < 0 ? first.Length : lineFeed + 1;
            bool isEnd = lineFeed >= 0 && (lineFeed > 0 ? first[lineFeed - 1] == (byte)'\r' : _skippedCr);
            _skippedCr = first[taken - 1] == (byte)'\r';
            _skipped += taken;
            Consume(taken);
            if (isEnd)
            {
                _isSkipping = _skippedCr = _afterBareLineFeed = false;
                _skipped = 0;
                return LineStatus.TooLong;
            }

            if (_skipped > MostSkipped)
                return LineStatus.Endless;
        }

        return LineStatus.NeedMore;
    }

    private void ConsumeAcross(int octets)
    {
        while (octets > 0)
        {
            int part = Math.Min(octets, _first.Length);
            Consume(part);
            octets -= part;
        }
    }
}
