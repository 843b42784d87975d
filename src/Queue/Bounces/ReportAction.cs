namespace SlimtaFast.Queue.Bounces;

/// <summary>What a report says happened to a recipient (RFC 3464 section 2.3.3).</summary>
internal enum ReportAction : byte
{
    /// <summary>Not delivered, and given up.</summary>
    Failed,

    /// <summary>Not delivered yet.</summary>
    Delayed,

    /// <summary>Handed to a server that sends no reports of success itself.</summary>
    Relayed,

    /// <summary>Put into its mailbox.</summary>
    Delivered,
}
