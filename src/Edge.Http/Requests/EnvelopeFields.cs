using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Http;

namespace SlimtaFast.Edge.Http.Requests;

/// <summary>The envelope as a request's header fields tell it: decoded, but not judged. Immutable.</summary>
internal sealed class EnvelopeFields
{
    // Far more than the parameters of MAIL may have together.
    private const int LongestParameters = 8 * 1024;

    private EnvelopeFields()
    {
    }

    /// <summary>The reverse-path in UTF-8; empty for the null reverse-path.</summary>
    public required byte[] Sender { get; init; }

    /// <summary>The recipients in their order.</summary>
    public required IReadOnlyList<RecipientField> Recipients { get; init; }

    /// <summary>The parameters of MAIL; empty for none.</summary>
    public required byte[] Parameters { get; init; }

    /// <summary>What the client calls itself, or null.</summary>
    public string? HelloName { get; init; }

    /// <summary>True where the message may be taken for some of its recipients only.</summary>
    public bool AllowsPartial { get; init; }

    /// <summary>The client's own name of the message, or null.</summary>
    public string? QueueId { get; init; }

    /// <summary>True where an address is not ASCII.</summary>
    public bool UsesUtf8 => !Ascii.IsValid(Sender) || Recipients.Any(static r => !Ascii.IsValid(r.Address));

    /// <summary>Reads the fields; where one cannot be decoded, the refusal says which. Never throws.</summary>
    /// <param name="headers">The request's header fields.</param>
    /// <param name="mostRecipients">More are not looked at.</param>
    /// <param name="fields">The envelope.</param>
    /// <param name="refusal">Why there is none.</param>
    public static bool TryRead(IHeaderDictionary headers, int mostRecipients, [NotNullWhen(true)] out EnvelopeFields? fields, out SmtpReply refusal)
    {
        fields = null;
        StringValues senders = headers[HttpHeaderNames.Sender];
        byte[]? sender = [];
        if (senders.Count > 1 || (senders.Count == 1 && !TryDecode(senders[0], out sender)))
            return Fail("5.1.7", HttpHeaderNames.Sender + " is not one address in base64", out refusal);
        var recipients = new List<RecipientField>();
        foreach (string? value in headers[HttpHeaderNames.Recipient])
        {
            // python-slimta splits at commas and semicolons, neither of which base64 has.
            foreach (string part in (value ?? "").Split([',', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (!TryDecode(part, out byte[]? address) || address.Length == 0)
                    return Fail("5.1.3", HttpHeaderNames.Recipient + " is not an address in base64", out refusal);
                if (recipients.Count == mostRecipients)
                    return Fail(452, "4.5.3", "Too many recipients", out refusal);
                recipients.Add(new RecipientField(address, []));
            }
        }

        if (!TryReadParameters(headers[HttpHeaderNames.RecipientParameters], recipients))
            return Fail("5.5.4", HttpHeaderNames.RecipientParameters + " is not INDEX PARAMETERS of a recipient", out refusal);
        string parameters = headers[HttpHeaderNames.MailParameters].ToString();
        if (parameters.Length > LongestParameters)
            return Fail("5.5.4", HttpHeaderNames.MailParameters + " is too long", out refusal);
        fields = new EnvelopeFields
        {
            Sender = sender!,
            Recipients = recipients,
            Parameters = Encoding.UTF8.GetBytes(parameters),
            HelloName = headers.TryGetValue(HttpHeaderNames.Hello, out StringValues hello) && hello.Count > 0 ? hello[0]!.Trim() : null,
            AllowsPartial = headers[HttpHeaderNames.Partial].ToString().Equals("yes", StringComparison.OrdinalIgnoreCase),
            QueueId = Mail.QueueId.TryParse(headers[HttpHeaderNames.QueueId].ToString(), out QueueId id) ? id.ToString() : null,
        };
        refusal = default;
        return true;
    }

    private static bool Fail(string status, string text, out SmtpReply refusal) => Fail(501, status, text, out refusal);

    private static bool Fail(int code, string status, string text, out SmtpReply refusal)
    {
        refusal = new SmtpReply(code, status, text);
        return false;
    }

    // Several fields may have been joined by a comma and a blank on their way. xtext has no blank, so that none stands in a value.
    private static bool TryReadParameters(StringValues values, List<RecipientField> recipients)
    {
        foreach (string? value in values)
        {
            string[] parts = (value ?? "").Split(", ", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            foreach (string part in parts)
            {
                int space = part.IndexOf(' ', StringComparison.Ordinal);
                if (space <= 0
                    || part.Length > LongestParameters
                    || !int.TryParse(part.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                    || index >= recipients.Count
                    || recipients[index].Parameters.Length > 0)
                    return false;
                recipients[index] = recipients[index] with { Parameters = Encoding.UTF8.GetBytes(part[(space + 1)..].Trim()) };
            }
        }

        return true;
    }

    private static bool TryDecode(string? text, [NotNullWhen(true)] out byte[]? octets)
    {
        string base64 = (text ?? "").Trim();
        byte[] decoded = new byte[(base64.Length / 4 * 3) + 3];
        bool isGood = Convert.TryFromBase64String(base64, decoded, out int length);
        octets = isGood ? decoded[..length] : null;
        return isGood;
    }
}
