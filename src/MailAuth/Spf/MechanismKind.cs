namespace SlimtaFast.MailAuth.Spf;

/// <summary>The mechanisms of RFC 7208 section 5.</summary>
internal enum MechanismKind
{
    /// <summary>Matches always.</summary>
    All,

    /// <summary>Matches where another domain's policy says pass.</summary>
    Include,

    /// <summary>Matches the addresses of a host.</summary>
    A,

    /// <summary>Matches the addresses of a domain's exchangers.</summary>
    Mx,

    /// <summary>Matches where the client's validated name is in a domain.</summary>
    Ptr,

    /// <summary>Matches an IPv4 network.</summary>
    Ip4,

    /// <summary>Matches an IPv6 network.</summary>
    Ip6,

    /// <summary>Matches where a name has an IPv4 address.</summary>
    Exists,
}
