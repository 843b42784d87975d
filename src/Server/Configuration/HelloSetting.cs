namespace SlimtaFast.Server.Configuration;

/// <summary>What is done about what a client calls itself.</summary>
internal enum HelloSetting
{
    /// <summary>Nothing beyond the grammar.</summary>
    Off,

    /// <summary>It must be a host name, or the client's own address, and not ours.</summary>
    Name,

    /// <summary>It must exist in the DNS too.</summary>
    Resolvable,
}
