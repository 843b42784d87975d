using System.Text;

namespace SlimtaFast.MailAuth;

/// <summary>The header field Authentication-Results (RFC 8601), in which all methods tell what they found. Thread-safe.</summary>
public static class AuthenticationResults
{
    /// <summary>The field's name.</summary>
    public const string FieldName = "Authentication-Results";

    /// <summary>Writes a field.</summary>
    /// <param name="serverId">Who says so: the authserv-id, usually the server's host name.</param>
    /// <param name="findings">What was found, in order; none is written as <c>none</c>.</param>
    /// <returns>A complete field in ASCII with its line end; lines of 998 octets at most.</returns>
    public static string Write(string serverId, IReadOnlyList<MethodFinding> findings)
    {
        ArgumentNullException.ThrowIfNull(serverId);
        ArgumentNullException.ThrowIfNull(findings);
        FieldText field = new FieldText().Append(FieldName).Append(": ").AppendValue(serverId).Append(";");
        if (findings.Count == 0)
            field.Append(" none");
        for (int i = 0; i < findings.Count; i++)
        {
            MethodFinding finding = findings[i];
            field.Append(i > 0 ? ";" : "").Fold().Append(finding.Method).Append("=").Append(finding.Result.ToWord());
            if (finding.Reason is { } reason)
                field.Fold().Append("reason=").AppendQuoted(reason);
            foreach (MethodProperty property in finding.Properties)
                AppendValue(field.Fold().Append(property.Type).Append(".").Append(property.Name).Append("="), property.Value);
        }

        return field.ToString();
    }

    /// <summary>
    /// True where a field claims to be of a server, or cannot be read, so that some reader may take it for that server's. Such fields have
    /// to go before a message is believed (RFC 8601 section 5).
    /// </summary>
    /// <param name="value">All behind the colon, folded lines included.</param>
    /// <param name="serverId">The server's authserv-id.</param>
    public static bool MayClaim(ReadOnlySpan<byte> value, string serverId)
    {
        ArgumentNullException.ThrowIfNull(serverId);
        return !TryReadServerId(value, out string claimed) || claimed.TrimEnd('.').Equals(serverId.TrimEnd('.'), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Reads who says what a field tells: its first word, or quoted string, behind comments.</summary>
    /// <param name="value">All behind the colon, folded lines included.</param>
    /// <param name="serverId">The authserv-id.</param>
    public static bool TryReadServerId(ReadOnlySpan<byte> value, out string serverId)
    {
        serverId = "";
        int at = SkipComments(value, 0);
        if (at < 0 || at == value.Length)
            return false;
        int start = at;
        var read = new StringBuilder();
        if (value[at] == '"')
        {
            for (at++; at < value.Length && value[at] != '"'; at++)
            {
                if (value[at] == '\\' && at + 1 < value.Length)
                    at++;
                read.Append((char)value[at]);
            }

            if (at++ >= value.Length)
                return false;
        }
        else
        {
            // A token of RFC 2045, with the dots and slashes that names have.
            for (; at < value.Length && value[at] is > (byte)' ' and < 127 and not ((byte)';' or (byte)'(' or (byte)')' or (byte)'"' or (byte)'\\' or (byte)','); at++)
                read.Append((char)value[at]);
        }

        serverId = read.ToString();
        at = SkipComments(value, at);
        if (start == at || serverId.Length == 0 || at < 0)
            return false;
        // A version may stand before the semicolon; a field without results has neither.
        int digits = at;
        while (digits < value.Length && value[digits] is >= (byte)'0' and <= (byte)'9')
            digits++;
        at = SkipComments(value, digits);
        return at >= 0 && (at == value.Length || value[at] == ';');
    }

    // Blanks, line ends and nested comments; -1 where a comment does not end.
    private static int SkipComments(ReadOnlySpan<byte> value, int at)
    {
        int depth = 0;
        for (; at < value.Length; at++)
        {
            byte c = value[at];
            if (c == '(')
                depth++;
            else if (depth == 0 && c is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
                break;
            else if (c == ')')
                depth--;
            else if (c == '\\')
                at++;
        }

        return depth == 0 ? Math.Min(at, value.Length) : -1;
    }

    // pvalue = value / [ [ local-part ] "@" ] domain-name
    private static void AppendValue(FieldText field, string value)
    {
        int at = value.LastIndexOf('@');
        if (at >= 0 && value.Length <= 320 && (at == 0 || FieldText.IsDotAtom(value.AsSpan(0, at))) && FieldText.IsDotAtom(value.AsSpan(at + 1)))
            field.Append(value);
        else
            field.AppendValue(value);
    }
}
