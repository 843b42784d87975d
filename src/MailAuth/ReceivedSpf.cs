using System.Text;

namespace SlimtaFast.MailAuth;

/// <summary>The header field Received-SPF (RFC 7208 section 9.1). Thread-safe.</summary>
public static class ReceivedSpf
{
    /// <summary>The field's name.</summary>
    public const string FieldName = "Received-SPF";

    /// <summary>Writes a field.</summary>
    /// <param name="receiver">The server that asked.</param>
    /// <param name="finding">What it found.</param>
    /// <returns>A complete field in ASCII with its line end; lines of 998 octets at most.</returns>
    public static string Write(string receiver, SpfFinding finding)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        ArgumentNullException.ThrowIfNull(finding);
        SpfRequest request = finding.Request;
        // Of the domain's own words nothing stands here: they are for whoever is refused.
        string reason = (finding with { Explanation = null }).Reason;
        FieldText field = new FieldText().Append(FieldName).Append(": ").Append(finding.Result.ToWord()).Append(" ").AppendComment($"{receiver}: {reason}")
            .Fold().Append("receiver=").AppendValue(receiver).Append(";")
            .Fold().Append("client-ip=").AppendValue(request.Client.ToString()).Append(";")
            .Fold().Append("envelope-from=").AppendQuoted(SenderOf(request)).Append(";")
            .Fold().Append("helo=").AppendValue(request.HelloName).Append(";")
            .Fold().Append("identity=").Append(request.Identity == SpfIdentity.Hello ? "helo" : "mailfrom");
        if (finding.Mechanism is { } mechanism)
            field.Append(";").Fold().Append("mechanism=").AppendValue(mechanism);
        if (finding.Result is MailAuthResult.TempError or MailAuthResult.PermError && finding.Problem is { } problem)
            field.Append(";").Fold().Append("problem=").AppendQuoted(problem);
        return field.ToString();
    }

    /// <summary>True where a field claims that a server made it, as the key <c>receiver</c> or the beginning of the comment say.</summary>
    /// <param name="value">All behind the colon, folded lines included.</param>
    /// <param name="receiver">The server.</param>
    public static bool MayClaim(ReadOnlySpan<byte> value, string receiver)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        // Blanks, quotes and escapes make no difference to a reader, and comments not to keys.
        var all = new StringBuilder(value.Length);
        var keys = new StringBuilder(value.Length);
        int depth = 0;
        foreach (byte c in value)
        {
            if (c is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'"' or (byte)'\\')
                continue;
            all.Append((char)c);
            depth += c == '(' ? 1 : 0;
            if (depth == 0)
                keys.Append((char)c);
            depth -= c == ')' && depth > 0 ? 1 : 0;
        }

        // Where comments do not end, readers differ in what is a key.
        return depth > 0
            || keys.Append(';').ToString().Contains($"receiver={receiver};", StringComparison.OrdinalIgnoreCase)
            || all.ToString().Contains($"({receiver}:", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What an Authentication-Results field says of a finding (RFC 8601 section 2.7.2).</summary>
    public static MethodFinding ToMethodFinding(this SpfFinding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        return new MethodFinding("spf", finding.Result)
        {
            Reason = finding.Result is MailAuthResult.TempError or MailAuthResult.PermError ? finding.Problem : null,
            Properties =
            [
                finding.Request.Identity == SpfIdentity.Hello
                    ? new MethodProperty("smtp", "helo", finding.Domain)
                    : new MethodProperty("smtp", "mailfrom", SenderOf(finding.Request)),
            ],
        };
    }

    // Where the local part is not ASCII, the domain alone: the field has to pass everywhere.
    private static string SenderOf(SpfRequest request)
    {
        if (System.Text.Ascii.IsValid(request.LocalPart) && System.Text.Ascii.IsValid(request.Domain))
            return request.Sender;
        return Mail.DomainNames.TryGetAscii(request.Domain, out string ascii) ? ascii : "";
    }
}
