using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SlimtaFast.MailAuth.Spf;

/// <summary>
/// Reads records (RFC 7208 section 4.6.1 and section 12):
/// <code>
/// record     = "v=spf1" *( 1*SP ( directive / modifier ) ) *SP
/// directive  = [ "+" / "-" / "?" / "~" ] mechanism
/// modifier   = name "=" macro-string
/// </code>
/// Linear in the record's length; never throws.
/// </summary>
internal static class SpfRecordParser
{
    /// <summary>
    /// Characters of the longest record that is read. The RFC asks publishers for 450 octets (section 3.4); what is beyond this is meant to
    /// cost us.
    /// </summary>
    public const int LongestRecord = 16 * 1024;

    private const string Version = "v=spf1";
    private const int LongestText = 200;

    /// <summary>True for a text record that is SPF's (RFC 7208 section 4.5): the version, and behind it a space or nothing.</summary>
    public static bool IsRecord(string text) =>
        text.StartsWith(Version, StringComparison.OrdinalIgnoreCase) && (text.Length == Version.Length || text[Version.Length] == ' ');

    /// <summary>Reads a record; one mistake anywhere makes all of it unusable (RFC 7208 section 4.6).</summary>
    public static SpfRecord Parse(string text)
    {
        if (text.Length > LongestRecord)
            return new SpfRecord { Text = text[..LongestText], Problem = "the record is too long" };
        var mechanisms = new List<Mechanism>();
        MacroText? redirect = null, explanation = null;
        ReadOnlySpan<char> rest = text.AsSpan(Version.Length);
        while (!(rest = rest.TrimStart(' ')).IsEmpty)
        {
            int space = rest.IndexOf(' ');
            ReadOnlySpan<char> term = space < 0 ? rest : rest[..space];
            rest = rest[term.Length..];
            string? problem;
            int name = NameLength(term);
            if (name > 0 && name < term.Length && term[name] == '=')
            {
                problem = ReadModifier(term[..name], term[(name + 1)..], ref redirect, ref explanation);
            }
            else
            {
                problem = ReadDirective(term, out Mechanism? mechanism);
                if (mechanism is not null)
                    mechanisms.Add(mechanism);
            }

            if (problem is not null)
                return new SpfRecord { Text = text, Problem = $"'{Show(term)}': {problem}" };
        }

        return new SpfRecord { Text = text, Mechanisms = [.. mechanisms], Redirect = redirect, Explanation = explanation };
    }

    // name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )
    private static int NameLength(ReadOnlySpan<char> term)
    {
        int length = 0;
        while (length < term.Length && (char.IsAsciiLetter(term[length]) || (length > 0 && (char.IsAsciiDigit(term[length]) || term[length] is '-' or '_' or '.'))))
            length++;
        return length;
    }

    private static string? ReadModifier(ReadOnlySpan<char> name, ReadOnlySpan<char> value, ref MacroText? redirect, ref MacroText? explanation)
    {
        bool isRedirect = name.Equals("redirect", StringComparison.OrdinalIgnoreCase), isExplanation = name.Equals("exp", StringComparison.OrdinalIgnoreCase);
        MacroText? read = MacroText.Parse(value, isRedirect || isExplanation ? MacroPlace.DomainSpec : MacroPlace.UnknownModifier, out string? problem);
        // RFC 7208 section 6: these two must not stand there twice.
        if (isRedirect)
            problem ??= redirect is not null ? "a second redirect" : null;
        if (isExplanation)
            problem ??= explanation is not null ? "a second exp" : null;
        redirect = isRedirect ? read : redirect;
        explanation = isExplanation ? read : explanation;
        return problem;
    }

    private static string? ReadDirective(ReadOnlySpan<char> term, out Mechanism? mechanism)
    {
        mechanism = null;
        MailAuthResult qualifier = term[0] switch
        {
            '-' => MailAuthResult.Fail,
            '~' => MailAuthResult.SoftFail,
            '?' => MailAuthResult.Neutral,
            _ => MailAuthResult.Pass,
        };
        ReadOnlySpan<char> body = term[0] is '+' or '-' or '~' or '?' ? term[1..] : term;
        int length = body.IndexOfAny(':', '/');
        ReadOnlySpan<char> name = length < 0 ? body : body[..length];
        ReadOnlySpan<char> argument = body[name.Length..];
        if (!TryGetKind(name, out MechanismKind kind))
            return "there is no such mechanism";
        var plain = new Mechanism { Kind = kind, Qualifier = qualifier, Text = Show(term) };
        string? problem;
        (mechanism, problem) = kind switch
        {
            MechanismKind.All => argument.IsEmpty ? (plain, null) : (null, "nothing may stand behind all"),
            MechanismKind.Ip4 => ReadNetwork(plain, argument, isV4: true),
            MechanismKind.Ip6 => ReadNetwork(plain, argument, isV4: false),
            MechanismKind.A or MechanismKind.Mx => ReadHosts(plain, argument),
            MechanismKind.Ptr when argument.IsEmpty => (plain, null),
            _ => ReadDomain(plain, argument),
        };
        return problem;
    }

    private static bool TryGetKind(ReadOnlySpan<char> name, out MechanismKind kind)
    {
        Span<char> lower = stackalloc char[7];
        kind = default;
        int length = name.Length <= lower.Length ? name.ToLowerInvariant(lower) : 0;
        MechanismKind? found = lower[..Math.Max(0, length)] switch
        {
            "all" => MechanismKind.All,
            "include" => MechanismKind.Include,
            "a" => MechanismKind.A,
            "mx" => MechanismKind.Mx,
            "ptr" => MechanismKind.Ptr,
            "ip4" => MechanismKind.Ip4,
            "ip6" => MechanismKind.Ip6,
            "exists" => MechanismKind.Exists,
            _ => null,
        };
        kind = found ?? default;
        return found is not null;
    }

    // ":" domain-spec
    private static (Mechanism? Mechanism, string? Problem) ReadDomain(Mechanism plain, ReadOnlySpan<char> argument)
    {
        if (argument is not [':', .. ReadOnlySpan<char> text])
            return (null, "a domain is missing");
        MacroText? domain = MacroText.Parse(text, MacroPlace.DomainSpec, out string? problem);
        return domain is null ? (null, problem) : (plain with { Domain = domain }, null);
    }

    // [ ":" domain-spec ] [ "/" ip4-cidr-length ] [ "//" ip6-cidr-length ]; a slash may stand in the domain-spec too
    private static (Mechanism? Mechanism, string? Problem) ReadHosts(Mechanism plain, ReadOnlySpan<char> argument)
    {
        int prefix4 = 32, prefix6 = 128;
        int slash = TrailingNumber(argument);
        if (slash > 0 && argument[slash - 1] == '/')
        {
            if (!TryReadPrefix(argument[(slash + 1)..], 128, out prefix6))
                return (null, "it has no such IPv6 prefix");
            argument = argument[..(slash - 1)];
            slash = TrailingNumber(argument);
        }

        if (slash >= 0)
        {
            if (!TryReadPrefix(argument[(slash + 1)..], 32, out prefix4))
                return (null, "it has no such IPv4 prefix");
            argument = argument[..slash];
        }

        Mechanism made = plain with { Prefix4 = prefix4, Prefix6 = prefix6 };
        return argument.IsEmpty ? (made, null) : ReadDomain(made, argument);
    }

    // Where "/" and digits end the text: the offset of the slash, or -1.
    private static int TrailingNumber(ReadOnlySpan<char> text)
    {
        int at = text.Length;
        while (at > 0 && char.IsAsciiDigit(text[at - 1]))
            at--;
        return at > 0 && at < text.Length && text[at - 1] == '/' ? at - 1 : -1;
    }

    private static (Mechanism? Mechanism, string? Problem) ReadNetwork(Mechanism plain, ReadOnlySpan<char> argument, bool isV4)
    {
        if (argument is not [':', .. ReadOnlySpan<char> text])
            return (null, "an address is missing");
        int most = isV4 ? 32 : 128, prefix = most;
        int slash = text.IndexOf('/');
        if (slash >= 0 && !TryReadPrefix(text[(slash + 1)..], most, out prefix))
            return (null, "it has no such prefix");
        if (slash >= 0)
            text = text[..slash];
        if (!(isV4 ? IsQuad(text) : IsV6(text)) || !IPAddress.TryParse(text, out IPAddress? address))
            return (null, isV4 ? "it is not an IPv4 address" : "it is not an IPv6 address");
        return (plain with { Network = ClientAddress.Of(address), Prefix4 = isV4 ? prefix : 32, Prefix6 = isV4 ? 128 : prefix }, null);
    }

    // "0" / %x31-39 0*2DIGIT, up to a value
    private static bool TryReadPrefix(ReadOnlySpan<char> text, int most, out int prefix)
    {
        prefix = 0;
        return text.Length is >= 1 and <= 3
            && (text.Length == 1 || text[0] != '0')
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out prefix)
            && prefix <= most;
    }

    // qnum "." qnum "." qnum "." qnum, without leading zeros
    private static bool IsQuad(ReadOnlySpan<char> text)
    {
        int parts = 0;
        foreach (Range range in text.Split('.'))
        {
            if (++parts > 4 || !TryReadPrefix(text[range], 255, out _))
                return false;
        }

        return parts == 4;
    }

    // What the framework takes beyond RFC 4291 (scopes, brackets) does not pass.
    private static bool IsV6(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiHexDigit(c) && c is not (':' or '.'))
                return false;
        }

        int quad = text.Contains('.') ? text.LastIndexOf(':') + 1 : -1;
        return text.Contains(':')
            && (quad < 0 || IsQuad(text[quad..]))
            && IPAddress.TryParse(text, out IPAddress? address)
            && address.AddressFamily == AddressFamily.InterNetworkV6;
    }

    private static string Show(ReadOnlySpan<char> term) => PrintableText.Make(term.Length > LongestText ? term[..LongestText].ToString() : term.ToString(), LongestText);
}
