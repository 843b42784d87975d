using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using SlimtaFast.Edge.Http.Requests;
using SlimtaFast.Mail;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>
/// Reads the header fields of HTTP requests, one <c>Name: value</c> a line: whatever they hold, either an envelope comes out that has no more
/// recipients than it may, each with an address, or a refusal; and an Authorization that is taken has a secret.
/// </summary>
public sealed class HttpFieldsTarget : IFuzzTarget
{
    private const int MostRecipients = 10;

    /// <inheritdoc/>
    public string Name => "http-fields";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        var headers = new HeaderDictionary();
        foreach (string line in Encoding.UTF8.GetString(input).Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
                headers[line[..colon]] = StringValues.Concat(headers[line[..colon]], line[(colon + 1)..].Trim());
        }

        if (EnvelopeFields.TryRead(headers, MostRecipients, out EnvelopeFields? fields, out SmtpReply refusal))
        {
            FuzzAssert.That(fields.Recipients.Count <= MostRecipients, "There are too many recipients.");
            FuzzAssert.That(fields.Recipients.All(static r => r.Address.Length > 0), "A recipient has no address.");
            _ = fields.UsesUtf8;
        }
        else
        {
            FuzzAssert.That(refusal.Code is 452 or 501, "A refusal is none.");
        }

        if (Authorization.Read(headers["Authorization"].ToString()) is { } shown)
            FuzzAssert.That(shown.Secret.Length > 0, "An authorization has no secret.");
    }
}
