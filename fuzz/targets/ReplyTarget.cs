using System.Buffers;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>
/// Reads server replies. However the octets are cut, the same replies come out; each has a code of 200 to 599, a text without stray
/// control characters, and an enhanced code of its own class; and what waits unread stays bounded.
/// </summary>
public sealed class ReplyTarget : IFuzzTarget
{
    /// <inheritdoc/>
    public string Name => "reply";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        byte[] bytes = input.ToArray();
        foreach (ReplyText kind in (ReplyText[])[ReplyText.Always, ReplyText.IfNegative, ReplyText.Lines])
        {
            List<string> whole = Read(bytes, bytes.Length + 1, kind);
            FuzzAssert.That(whole.SequenceEqual(Read(bytes, 1, kind)), "One octet at a time gives other replies.");
            FuzzAssert.That(whole.SequenceEqual(Read(bytes, 7, kind)), "Seven octets at a time give other replies.");
        }
    }

    private static List<string> Read(byte[] bytes, int step, ReplyText kind)
    {
        var parser = new ReplyParser();
        var seen = new List<string>();
        int start = 0;
        for (int end = Math.Min(step, bytes.Length); ; end = Math.Min(end + step, bytes.Length))
        {
            var rest = new ReadOnlySequence<byte>(bytes, start, end - start);
            ReplyParseStatus status;
            while ((status = parser.Parse(ref rest, kind, out SmtpReply reply)) == ReplyParseStatus.Done)
            {
                Check(reply);
                seen.Add(reply.ToString());
            }

            if (status != ReplyParseStatus.NeedMore)
            {
                seen.Add(status.ToString());
                return seen;
            }

            FuzzAssert.That(rest.Length <= ReplyParser.LongestLine + 2, "More waits unread than the longest line.");
            start = end - (int)rest.Length;
            if (end == bytes.Length)
                return seen;
        }
    }

    private static void Check(SmtpReply reply)
    {
        FuzzAssert.That(reply.Code is >= 200 and <= 599, "A code is outside its range.");
        FuzzAssert.That(reply.Status.IsNone || reply.Status.Class == reply.Code / 100, "An enhanced code is of another class than its reply.");
        FuzzAssert.That(!reply.Text.Replace("\r\n", "", StringComparison.Ordinal).Any(char.IsControl), "A text holds a control character.");
        FuzzAssert.That(reply.Text.Length <= ReplyParser.LongestReply, "A text is longer than a reply may be.");
    }
}
