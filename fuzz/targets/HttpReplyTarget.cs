using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Http;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>
/// Reads the reply fields of HTTP responses: a reply has a code that answers a message, an enhanced code of its class and a clean text, and
/// one that is written again reads the same; no field names a recipient that there is not.
/// </summary>
public sealed class HttpReplyTarget : IFuzzTarget
{
    /// <inheritdoc/>
    public string Name => "http-reply";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        string text = Encoding.UTF8.GetString(input);
        if (ReplyHeader.TryParse(text, out SmtpReply reply))
            Check(reply);
        var each = new SmtpReply[4];
        if (!ReplyHeader.TryParseForRecipients(text, each))
            return;
        FuzzAssert.That(each.Any(static r => !r.IsNone), "A field without a reply was taken.");
        foreach (SmtpReply one in each.Where(static r => !r.IsNone))
            Check(one);
    }

    private static void Check(SmtpReply reply)
    {
        FuzzAssert.That(reply.Code is (>= 200 and < 300) or (>= 400 and < 600), "A code is none that answers a message.");
        FuzzAssert.That(reply.Status.IsNone || reply.Status.Class == reply.Code / 100, "An enhanced code is of another class than its reply.");
        FuzzAssert.That(!reply.Text.Any(char.IsControl), "A text holds a control character.");
        string field = ReplyHeader.Format(reply);
        FuzzAssert.That(!field.Any(char.IsControl), "A field holds a control character.");
        FuzzAssert.That(ReplyHeader.TryParse(field, out SmtpReply again) && again.Code == reply.Code, "What was written does not read the same.");
    }
}
