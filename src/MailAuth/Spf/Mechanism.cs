namespace SlimtaFast.MailAuth.Spf;

/// <summary>A directive that was read. Immutable.</summary>
internal sealed record Mechanism
{
    /// <summary>What it matches.</summary>
    public required MechanismKind Kind { get; init; }

    /// <summary>The result where it matches.</summary>
    public required MailAuthResult Qualifier { get; init; }

    /// <summary>As it was written, for people.</summary>
    public required string Text { get; init; }

    /// <summary>The domain-spec, or null where there is none.</summary>
    public MacroText? Domain { get; init; }

    /// <summary>Leading bits of IPv4 addresses that count, 0 to 32.</summary>
    public int Prefix4 { get; init; } = 32;

    /// <summary>Leading bits of IPv6 addresses that count, 0 to 128.</summary>
    public int Prefix6 { get; init; } = 128;

    /// <summary>The network of <see cref="MechanismKind.Ip4"/> and <see cref="MechanismKind.Ip6"/>.</summary>
    public ClientAddress Network { get; init; }

    /// <summary>True where it asks the DNS, and so counts (RFC 7208 section 4.6.4).</summary>
    public bool AsksDns => Kind is not (MechanismKind.All or MechanismKind.Ip4 or MechanismKind.Ip6);
}
