using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;
using SlimtaFast.Mail;

namespace SlimtaFast.Protocol.Replies;

/// <summary>
/// Writes replies into a connection's output, where they wait until <see cref="FlushAsync"/> sends all of them at once: a burst of
/// pipelined commands gets one packet of replies. Nothing is allocated. Not thread-safe.
/// </summary>
internal sealed class ReplyWriter
{
    // A reply line has at most 512 octets (RFC 5321 section 4.5.3.1.5); the codes and CRLF need up to 18 of them.
    private const int LongestText = 490;
    private const int LongestCodes = 24;

    private PipeWriter _output;

    /// <summary>Writes to a connection's output.</summary>
    public ReplyWriter(PipeWriter output) => _output = output;

    /// <summary>True where something waits to be sent.</summary>
    public bool HasUnsent { get; private set; }

    /// <summary>True where the answer to a whole message waits to be sent, which must not wait for anything else.</summary>
    public bool OwesMessageReply { get; private set; }

    /// <summary>Goes on with another output; nothing may be unsent.</summary>
    public void Attach(PipeWriter output) => _output = output;

    /// <summary>Writes a rendered reply.</summary>
    public void Write(ReadOnlySpan<byte> reply)
    {
        Span<byte> room = _output.GetSpan(reply.Length);
        reply.CopyTo(room);
        _output.Advance(reply.Length);
        HasUnsent = true;
    }

    /// <summary>Writes a reply whose text never changes.</summary>
    public void Write(Canned reply) => Write(CannedReplies.Get(reply));

    /// <summary>Writes a reply, one line for each line of its text; what is not ASCII shows as question marks.</summary>
    public void Write(in SmtpReply reply)
    {
        ReadOnlySpan<char> rest = reply.Text;
        do
        {
            int length = MeasureLine(rest, out int next);
            WriteLine(in reply, rest[..length], isLast: next >= rest.Length);
            rest = rest[Math.Min(next, rest.Length)..];
        }
        while (!rest.IsEmpty);
    }

    /// <summary>Writes the answer to a chunk: <c>250 2.0.0 n octets received</c>.</summary>
    public void WriteChunkReceived(long octets)
    {
        ReadOnlySpan<byte> before = "250 2.0.0 "u8, after = " octets received\r\n"u8;
        Span<byte> room = _output.GetSpan(before.Length + 20 + after.Length);
        before.CopyTo(room);
        int at = before.Length + WriteNumber(octets, room[before.Length..]);
        after.CopyTo(room[at..]);
        _output.Advance(at + after.Length);
        HasUnsent = true;
    }

    /// <summary>Writes a challenge of AUTH: <c>334 SP base64 CRLF</c>.</summary>
    public void WriteChallenge(ReadOnlySpan<byte> base64)
    {
        ReadOnlySpan<byte> code = "334 "u8;
        Span<byte> room = _output.GetSpan(code.Length + base64.Length + 2);
        code.CopyTo(room);
        base64.CopyTo(room[code.Length..]);
        "\r\n"u8.CopyTo(room[(code.Length + base64.Length)..]);
        _output.Advance(code.Length + base64.Length + 2);
        HasUnsent = true;
    }

    /// <summary>Notes that what was written last answers a whole message.</summary>
    public void NoteMessageReply() => OwesMessageReply = true;

    /// <summary>Sends all that waits.</summary>
    public ValueTask<FlushResult> FlushAsync()
    {
        HasUnsent = OwesMessageReply = false;
        return _output.FlushAsync();
    }

    // How much of the text goes into the next line, and where the line after it starts.
    private static int MeasureLine(ReadOnlySpan<char> text, out int next)
    {
        int end = text.IndexOf("\r\n", StringComparison.Ordinal);
        int length = end < 0 ? text.Length : end;
        if (length > LongestText)
        {
            next = LongestText;
            return LongestText;
        }

        next = end < 0 ? length : end + 2;
        return length;
    }

    // Reply-line = Reply-code ( SP / "-" ) [ enhanced-status SP ] textstring CRLF
    private void WriteLine(in SmtpReply reply, ReadOnlySpan<char> text, bool isLast)
    {
        Span<byte> room = _output.GetSpan(LongestCodes + text.Length);
        int at = WriteNumber(reply.Code, room);
        room[at++] = isLast ? (byte)' ' : (byte)'-';
        if (!reply.Status.IsNone)
        {
            room[at++] = (byte)('0' + reply.Status.Class);
            room[at++] = (byte)'.';
            at += WriteNumber(reply.Status.Subject, room[at..]);
            room[at++] = (byte)'.';
            at += WriteNumber(reply.Status.Detail, room[at..]);
            room[at++] = (byte)' ';
        }

        at += Encoding.ASCII.GetBytes(text, room[at..]);
        room[at++] = (byte)'\r';
        room[at++] = (byte)'\n';
        _output.Advance(at);
        HasUnsent = true;
    }

    private static int WriteNumber(long number, Span<byte> room)
    {
        // The callers have asked for enough room.
        Utf8Formatter.TryFormat(number, room, out int written);
        return written;
    }
}
