namespace SlimtaFast.Relay;

/// <summary>Which of a host's addresses are tried, and which first. With both, they take turns, so that one that is out of reach costs one attempt.</summary>
public enum AddressPreference
{
    /// <summary>IPv4 first, then IPv6 in turns.</summary>
    V4First,

    /// <summary>IPv6 first, then IPv4 in turns.</summary>
    V6First,

    /// <summary>IPv4 only.</summary>
    V4Only,

    /// <summary>IPv6 only.</summary>
    V6Only,
}
