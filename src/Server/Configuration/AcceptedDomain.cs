namespace SlimtaFast.Server.Configuration;

/// <summary>Reads a domain that anybody may send to.</summary>
internal static class AcceptedDomain
{
    /// <summary>The domain, or with a leading dot all its subdomains; a <see cref="FormatException"/> says what is wrong.</summary>
    public static string Parse(string text)
    {
        string name = text.TrimEnd('.');
        string bare = name.StartsWith('.') ? name[1..] : name;
        bool literal = bare is ['[', .., ']'];
        if (bare.Length == 0 || (!literal && Uri.CheckHostName(bare) != UriHostNameType.Dns))
            throw new FormatException($"'{text}' is not a domain such as example.org, or .example.org for its subdomains");
        return name;
    }
}
