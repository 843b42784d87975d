using System.Globalization;
using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Tests.Data;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>
/// Sends the input by BDAT, in chunks as long as their first octet says: whatever is in them, the session stays in step, and a content
/// that is text arrives as it is.
/// </summary>
public sealed class ChunksTarget : IFuzzTarget
{
    private const ContentTraits Refused = ContentTraits.BareLineEnd | ContentTraits.Nul;

    /// <inheritdoc/>
    public string Name => "chunks";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        var stream = new List<byte>(Encoding.ASCII.GetBytes("EHLO fuzz\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\n"));
        var content = new List<byte>();
        int chunks = 1;
        while (input.Length > 1)
        {
            int length = Math.Min(input[0], input.Length - 1);
            stream.AddRange(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"BDAT {length}\r\n")));
            stream.AddRange(input.Slice(1, length));
            content.AddRange(input.Slice(1, length));
            input = input[(1 + length)..];
            chunks++;
        }

        stream.AddRange(Encoding.ASCII.GetBytes("BDAT 0 LAST\r\nQUIT\r\n"));
        SessionRun run = SessionRun.Play([.. stream]);

        bool isText = (NaiveDots.Judge(content.ToArray()) & Refused) == 0;
        FuzzAssert.That(run.Replies == 4 + chunks + 1, "The session is out of step.");
        FuzzAssert.That(run.Messages.Count == (isText ? 1 : 0), "A content was judged wrongly.");
        FuzzAssert.That(!isText || run.Messages[0].AsSpan().SequenceEqual(content.ToArray()), "A content differs.");
    }
}
