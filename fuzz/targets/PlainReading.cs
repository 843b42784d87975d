using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using SlimtaFast.Protocol.Tests.Data;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>
/// The rules of who speaks when, as plainly as they can be written: walks through what a client sent and what the server answered, side
/// by side.
/// </summary>
internal sealed partial class PlainReading
{
    private const int LongestLine = 2048;

    private readonly byte[] _input;
    private readonly string[] _replies;
    private readonly int _messages;
    private int _at;
    private int _answered;
    private int _accepted;
    private bool _isGreeted;
    private bool _isBroken;

    /// <summary>Takes what was said on both sides.</summary>
    public PlainReading(ReadOnlySpan<byte> input, SessionRun run)
    {
        _input = input.ToArray();
        _replies = [.. run.Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Where(static line => line[3] == ' ')];
        _messages = run.Messages.Count;
    }

    /// <summary>Fails where a reply is missing, or one is too many.</summary>
    public void Check()
    {
        Take("220");
        while (TakeCommand())
        {
        }

        FuzzAssert.That(_answered == _replies.Length, $"A reply that nothing asked for: {_replies.ElementAtOrDefault(_answered)}");
        FuzzAssert.That(_accepted == _messages, $"{_messages} messages were taken and {_accepted} acknowledged.");
    }

    // False where nothing more may be answered.
    private bool TakeCommand()
    {
        // Without a hello, TLS is recognized by its first octet and left alone.
        if (_at == _input.Length || (!_isGreeted && _input[_at] == 0x16) || TakeLine() is not { } line)
            return false;
        Match chunk = Chunk().Match(line);
        if (chunk.Success && long.TryParse(chunk.Groups["size"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out long size))
            return TakeChunk(size, chunk.Groups["last"].Success);
        string reply = Take("");
        _isGreeted |= line.Length > 4 && reply.StartsWith("250", StringComparison.Ordinal) && Hello().IsMatch(line);
        if (reply.StartsWith("354", StringComparison.Ordinal))
            return TakeData();
        return !Closes(reply) && !(BadChunk().IsMatch(line) && reply.StartsWith("501 5.5.4", StringComparison.Ordinal));
    }

    private bool TakeData()
    {
        (_, int used) = NaiveDots.Decode(_input.AsSpan(_at));
        if (used < 0)
            return false;
        _at += used;
        string reply = Take("");
        _accepted += reply.StartsWith("250", StringComparison.Ordinal) ? 1 : 0;
        // Behind a bare line end the session is over, lest somebody takes the rest for commands.
        return !Closes(reply) && !reply.StartsWith("550 5.6.11", StringComparison.Ordinal);
    }

    private bool TakeChunk(long size, bool isLast)
    {
        if (size > _input.Length - _at)
        {
            // It never comes whole. One that is not worth waiting for is refused at once, and the session with it.
            if (_answered < _replies.Length)
                Take("552");
            return false;
        }

        _at += (int)size;
        string reply = Take("");
        _accepted += isLast && reply.StartsWith("250", StringComparison.Ordinal) ? 1 : 0;
        return !Closes(reply);
    }

    private static bool Closes(string reply) => reply.StartsWith("221", StringComparison.Ordinal) || reply.StartsWith("421", StringComparison.Ordinal);

    // The next line, whatever ends it, or what is skipped instead of one; null where it has not ended.
    private string? TakeLine()
    {
        ReadOnlySpan<byte> rest = _input.AsSpan(_at);
        int lineFeed = rest[..Math.Min(rest.Length, LongestLine)].IndexOf((byte)'\n');
        if (lineFeed < 0)
        {
            int end = rest.IndexOf("\r\n"u8);
            _at += end + 2;
            _isBroken = false;
            return end < 0 || rest.Length < LongestLine ? null : "";
        }

        _at += lineFeed + 1;
        bool isLine = lineFeed > 0 && rest[lineFeed - 1] == (byte)'\r' && !_isBroken;
        _isBroken = lineFeed == 0 || rest[lineFeed - 1] != (byte)'\r';
        return isLine ? Encoding.Latin1.GetString(rest[..(lineFeed - 1)]) : "";
    }

    private string Take(string code)
    {
        FuzzAssert.That(_answered < _replies.Length, "A reply is missing.");
        string reply = _replies[_answered++];
        FuzzAssert.That(reply.StartsWith(code, StringComparison.Ordinal), $"{code} was to come: {reply}");
        return reply;
    }

    [GeneratedRegex("^BDAT +(?<size>[0-9]+)(?<last> +LAST)? *$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Chunk();

    [GeneratedRegex("^BDAT( |$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex BadChunk();

    [GeneratedRegex("^(EHLO|HELO) ", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Hello();
}
