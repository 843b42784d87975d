namespace SlimtaFast.Server.Configuration;

/// <summary>What is done about a client's name in the reverse DNS.</summary>
internal enum ReverseNameSetting
{
    /// <summary>Nothing.</summary>
    Off,

    /// <summary>It is looked up, and noted where it is confirmed.</summary>
    Note,

    /// <summary>Clients without a name are refused.</summary>
    Exists,

    /// <summary>Clients without a confirmed name are refused.</summary>
    Confirmed,
}
