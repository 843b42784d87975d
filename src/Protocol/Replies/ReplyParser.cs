using System.Buffers;
using System.Text;
using System.Text.Unicode;
using SlimtaFast.Mail;

namespace SlimtaFast.Protocol.Replies;

/// <summary>
/// Reads a server's replies out of whatever pieces they arrive in (RFC 5321 section 4.2):
/// <code>
/// Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF
/// </code>
/// Lenient where servers are known to be: a line may end with LF alone, and the code may stand without a text. A bare CR never ends a
/// line. Every size is bounded, nothing throws, and what a reply's text holds of control characters becomes spaces. After
/// <see cref="ReplyParseStatus.Malformed"/> or <see cref="ReplyParseStatus.TooLong"/> the stream is lost: nothing more can be read.
/// One reader at a time.
/// </summary>
internal sealed class ReplyParser
{
    /// <summary>Octets of a line without its end. RFC 5321 grants 512; real servers send more.</summary>
    public const int LongestLine = 2048;

    /// <summary>Lines of one reply.</summary>
    public const int MostLines = 128;

    /// <summary>Octets of one reply with its line ends.</summary>
    public const int LongestReply = 64 * 1024;

    /// <summary>Octets of text that are kept of a reply to anything but a hello: it is copied into the state of every recipient.</summary>
    public const int LongestKeptText = 1000;

    private const int KeptBuffer = 4096;

    private readonly ReplyTextCache _texts = new();
    private byte[] _joined = [];
    private int _joinedLength;
    private int _lines;
    private int _octets;
    private int _code;
    private EnhancedStatus _status;

    /// <summary>
    /// Reads one reply. <paramref name="input"/> is moved behind what was consumed, which may be some lines of a reply that is not
    /// whole yet; the next call goes on from there.
    /// </summary>
    /// <param name="input">What has arrived.</param>
    /// <param name="kind">How much of the text is wanted.</param>
    /// <param name="reply">The reply, where the status is <see cref="ReplyParseStatus.Done"/>.</param>
    public ReplyParseStatus Parse(ref ReadOnlySequence<byte> input, ReplyText kind, out SmtpReply reply)
    {
        reply = default;
        while (true)
        {
            ReadOnlySpan<byte> first = input.FirstSpan;
            int end = first.IndexOf((byte)'\n');
            ReplyParseStatus status;
            if (end >= 0)
            {
                status = AcceptLine(first[..end], kind, out reply);
                input = input.Slice(end + 1);
            }
            else if (input.IsSingleSegment)
            {
                return input.Length > LongestLine + 1 ? ReplyParseStatus.TooLong : ReplyParseStatus.NeedMore;
            }
            else if (!TryAcceptSplitLine(ref input, kind, out reply, out status))
            {
                return status;
            }

            if (status != ReplyParseStatus.NeedMore)
            {
                Forget();
                return status;
            }
        }
    }

    // A line across segments: it is short, so it is copied. False where it is not whole yet, or too long.
    private bool TryAcceptSplitLine(ref ReadOnlySequence<byte> input, ReplyText kind, out SmtpReply reply, out ReplyParseStatus status)
    {
        Span<byte> copy = stackalloc byte[LongestLine + 2];
        ReadOnlySequence<byte> head = input.Length > copy.Length ? input.Slice(0, copy.Length) : input;
        head.CopyTo(copy);
        int end = copy[..(int)head.Length].IndexOf((byte)'\n');
        if (end < 0)
        {
            reply = default;
            status = input.Length > LongestLine + 1 ? ReplyParseStatus.TooLong : ReplyParseStatus.NeedMore;
            return false;
        }

        status = AcceptLine(copy[..end], kind, out reply);
        input = input.Slice(end + 1);
        return true;
    }

    // NeedMore where the line is one of several and not the last.
    private ReplyParseStatus AcceptLine(ReadOnlySpan<byte> line, ReplyText kind, out SmtpReply reply)
    {
        reply = default;
        if (line.EndsWith((byte)'\r'))
            line = line[..^1];
        if (line.Length > LongestLine)
            return ReplyParseStatus.TooLong;
        _octets += line.Length + 2;
        if (++_lines > MostLines || _octets > LongestReply)
            return ReplyParseStatus.TooLong;
        if (!TryReadCode(line, out int code, out bool isLast) || (_lines > 1 && code != _code))
            return ReplyParseStatus.Malformed;
        _code = code;
        ReadOnlySpan<byte> text = line.Length > 4 ? line[4..] : default;
        if (kind != ReplyText.Lines)
            text = TakeStatus(text);
        bool wanted = kind != ReplyText.IfNegative || code >= 400;
        if (isLast && (_lines == 1 || !wanted))
        {
            reply = new SmtpReply(code, _status, wanted ? GetText(text) : "");
            return ReplyParseStatus.Done;
        }

        if (wanted)
            Join(text, kind == ReplyText.Lines ? LongestReply : LongestKeptText);
        if (!isLast)
            return ReplyParseStatus.NeedMore;
        reply = new SmtpReply(code, _status, Decode(_joined.AsSpan(0, _joinedLength)));
        return ReplyParseStatus.Done;
    }

    private static bool TryReadCode(ReadOnlySpan<byte> line, out int code, out bool isLast)
    {
        code = 0;
        isLast = line.Length < 4 || line[3] != (byte)'-';
        if (line.Length < 3 || line[0] is < (byte)'2' or > (byte)'5' || !char.IsAsciiDigit((char)line[1]) || !char.IsAsciiDigit((char)line[2]))
            return false;
        code = ((line[0] - '0') * 100) + ((line[1] - '0') * 10) + (line[2] - '0');
        return line.Length == 3 || line[3] is (byte)' ' or (byte)'-' or (byte)'\t';
    }

    // status-code = class "." subject "." detail, of the reply code's own class (RFC 2034 section 4); it leads each line.
    private ReadOnlySpan<byte> TakeStatus(ReadOnlySpan<byte> text)
    {
        const int Longest = 9;
        if (text.Length < 5 || text[1] != (byte)'.' || text[0] != (byte)('0' + (_code / 100)))
            return text;
        Span<char> head = stackalloc char[Longest];
        int length = Math.Min(Longest, text.Length);
        for (int i = 0; i < length; i++)
            head[i] = (char)text[i];
        if (!EnhancedStatus.TryParse(head[..length], out EnhancedStatus status, out int consumed))
            return text;
        if (consumed < text.Length && text[consumed] != (byte)' ')
            return text;
        if (_status.IsNone)
            _status = status;
        return text[consumed..].TrimStart((byte)' ');
    }

    private string GetText(ReadOnlySpan<byte> text)
    {
        if (text.Length <= LongestKeptText && !text.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
            return _texts.Get(text);
        Join(text, LongestKeptText);
        return Decode(_joined.AsSpan(0, _joinedLength));
    }

    private void Join(ReadOnlySpan<byte> text, int limit)
    {
        int separator = _lines > 1 ? 2 : 0;
        if (_joinedLength + separator >= limit)
            return;
        int room = limit - _joinedLength - separator;
        if (text.Length > room)
        {
            // Not in the middle of a UTF-8 character.
            while (room > 0 && (text[room] & 0xC0) == 0x80)
                room--;
            text = text[..room];
        }

        int needed = _joinedLength + separator + text.Length;
        if (needed > _joined.Length)
            Array.Resize(ref _joined, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(needed, 256)));
        if (separator > 0)
            "\r\n"u8.CopyTo(_joined.AsSpan(_joinedLength));
        Span<byte> target = _joined.AsSpan(_joinedLength + separator, text.Length);
        text.CopyTo(target);
        foreach (ref byte octet in target)
        {
            if (octet is < 32 or 127)
                octet = (byte)' ';
        }

        _joinedLength = needed;
    }

    private static string Decode(ReadOnlySpan<byte> text)
    {
        string decoded = Utf8.IsValid(text) ? Encoding.UTF8.GetString(text) : Encoding.Latin1.GetString(text);
        if (Ascii.IsValid(decoded))
            return decoded;
        // The C1 controls, which only show after decoding.
        return string.Create(decoded.Length, decoded, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
                span[i] = source[i] >= 0x80 && char.IsControl(source[i]) ? ' ' : source[i];
        });
    }

    private void Forget()
    {
        _lines = _octets = _code = _joinedLength = 0;
        _status = default;
        if (_joined.Length > KeptBuffer)
            _joined = [];
    }
}
