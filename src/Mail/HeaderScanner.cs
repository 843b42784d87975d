using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace SlimtaFast.Mail;

/// <summary>
/// Walks the header section of a message from field to field, in linear time, without copies or strings:
/// <code>
/// field = name *WSP ":" rest-of-line line-end *( WSP rest-of-line line-end )
/// </code>
/// Tolerant, as real mail asks for: a name is anything without control characters, spaces inside included; a line may end with LF
/// alone; values may hold any octets; a line that is no field ends the section even without a blank line. Not thread-safe.
/// </summary>
public ref struct HeaderScanner
{
    /// <summary>Octets of a header section that are looked at unless told otherwise: 64 KiB.</summary>
    public const int DefaultLimit = 64 * 1024;

    // Longer names are walked over like others, but equal none.
    private const int LongestKnownName = 64;

    private readonly ReadOnlySequence<byte> _message;
    private readonly bool _cut;
    private SequencePosition _following;
    private ReadOnlySpan<byte> _segment;
    private int _segmentStart;
    private int _at;

    // Of the line that begins a field: whether its name is still to be searched, the octets before the colon without trailing spaces,
    // and the offset of the colon, or -1.
    private bool _searching;
    private int _nameLength;
    private int _colon;
    private NameBuffer _name;

    /// <summary>Starts at the first octet of a message.</summary>
    /// <param name="message">The message, or as much of its beginning as there is.</param>
    /// <param name="limit">Octets after which the scanner stops.</param>
    public HeaderScanner(in ReadOnlySequence<byte> message, int limit = DefaultLimit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        _cut = message.Length > limit;
        _message = _cut ? message.Slice(0, limit) : message;
        _following = _message.Start;
    }

    /// <summary>Starts at the first octet of a message.</summary>
    /// <param name="message">The message, or as much of its beginning as there is.</param>
    /// <param name="limit">Octets after which the scanner stops.</param>
    public HeaderScanner(ReadOnlySpan<byte> message, int limit = DefaultLimit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        _cut = message.Length > limit;
        _segment = _cut ? message[..limit] : message;
    }

    /// <summary>The field that the last call of <see cref="MoveNext"/> found.</summary>
    public HeaderField Current { get; private set; }

    /// <summary>What ended the section; <see cref="HeaderEnd.None"/> while there may be fields.</summary>
    public HeaderEnd End { get; private set; }

    /// <summary>Octets of the fields walked so far; once the section has ended, its length without the blank line.</summary>
    public int SectionLength { get; private set; }

    /// <summary>Where the body starts, once the section has ended: behind the blank line, or where the section's octets end.</summary>
    public int BodyStart { get; private set; }

    private readonly int Offset => _segmentStart + _at;

    /// <summary>Goes to the next field; false where the section has ended.</summary>
    public bool MoveNext()
    {
        if (End != HeaderEnd.None)
            return false;
        int start = Offset;
        int first = Peek();
        if (first < 0)
            return Finish(_cut ? HeaderEnd.Limit : HeaderEnd.EndOfMessage, start);
        _searching = first is not (' ' or '\t');
        _nameLength = 0;
        _colon = -1;
        bool ended = SkipLine(start);
        int length = Offset - start;
        if (ended && (length == 1 || (length == 2 && first == '\r')))
            return Finish(HeaderEnd.BlankLine, Offset);
        if (_colon < 0 || _nameLength == 0)
            return Finish(!ended && _cut ? HeaderEnd.Limit : HeaderEnd.OtherLine, start);
        _searching = false;
        while (Peek() is ' ' or '\t')
            SkipLine(Offset);
        Current = new HeaderField(start, _nameLength, _colon + 1, Offset);
        SectionLength = Offset;
        return true;
    }

    /// <summary>True where the current field has this name, in any case of letters; names above 64 octets equal none.</summary>
    public readonly bool CurrentIs(ReadOnlySpan<byte> name) =>
        Current.NameLength == name.Length && name.Length is > 0 and <= LongestKnownName && Ascii.EqualsIgnoreCase(_name[..name.Length], name);

    private bool Finish(HeaderEnd end, int bodyStart)
    {
        End = end;
        BodyStart = bodyStart;
        Current = default;
        return false;
    }

    // The next octet, or -1 at the end.
    private int Peek()
    {
        while (_at == _segment.Length)
        {
            if (!_message.TryGet(ref _following, out ReadOnlyMemory<byte> segment))
                return -1;
            _segmentStart += _segment.Length;
            _segment = segment.Span;
            _at = 0;
        }

        return _segment[_at];
    }

    // Goes behind the next LF, or to the end, which gives false. Looks for name and colon on the way, where asked to.
    private bool SkipLine(int start)
    {
        while (Peek() >= 0)
        {
            ReadOnlySpan<byte> rest = _segment[_at..];
            int lineFeed = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> part = lineFeed < 0 ? rest : rest[..lineFeed];
            if (_searching)
                SearchName(part, Offset - start);
            if (lineFeed >= 0)
            {
                _at += lineFeed + 1;
                return true;
            }

            _at = _segment.Length;
        }

        return false;
    }

    private void SearchName(ReadOnlySpan<byte> part, int before)
    {
        int colon = part.IndexOf((byte)':');
        ReadOnlySpan<byte> piece = colon < 0 ? part : part[..colon];
        int kept = Math.Min(piece.Length, LongestKnownName - before);
        if (kept > 0)
            piece[..kept].CopyTo(_name[before..]);
        foreach (byte c in piece)
        {
            // Neither field nor continuation. Tabs are taken as spaces.
            if (c is < 32 and not (byte)'\t' or 127)
            {
                _searching = false;
                return;
            }
        }

        int last = piece.LastIndexOfAnyExcept((byte)' ', (byte)'\t');
        if (last >= 0)
            _nameLength = before + last + 1;
        if (colon < 0)
            return;
        _colon = _segmentStart + _at + colon;
        _searching = false;
    }

    [InlineArray(LongestKnownName)]
    private struct NameBuffer
    {
        private byte _first;
    }
}
