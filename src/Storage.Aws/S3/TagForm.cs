namespace SlimtaFast.Storage.Aws.S3;

/// <summary>How an endpoint wants the tag in a condition.</summary>
internal enum TagForm
{
    /// <summary>Not found out yet.</summary>
    Unknown,

    /// <summary>As it tells it, in quotation marks (RFC 9110 section 8.8.3).</summary>
    Quoted,

    /// <summary>Without them: Ceph compares octet for octet with a tag that has none, and else refuses every such write.</summary>
    Bare,
}
