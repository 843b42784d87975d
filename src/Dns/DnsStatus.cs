namespace SlimtaFast.Dns;

/// <summary>What a look-up found out.</summary>
public enum DnsStatus
{
    /// <summary>There are records.</summary>
    Found,

    /// <summary>The name exists, but has no record of this type.</summary>
    NoRecords,

    /// <summary>The name does not exist.</summary>
    NoSuchName,

    /// <summary>It could not be found out: time-out, SERVFAIL, refusal. Try again later.</summary>
    Failed,
}
