namespace SlimtaFast.Storage.Aws;

/// <summary>Where and how <see cref="S3ObjectStore"/> keeps objects. Immutable.</summary>
public sealed record S3Options
{
    /// <summary>The least that a part of a multipart upload has to have, but for the last: 5 MiB.</summary>
    public const int LeastPartOctets = 5 * 1024 * 1024;

    /// <summary>The bucket, which has to be there.</summary>
    public required string Bucket { get; init; }

    /// <summary>What the keys of all objects begin with. Default <c>slimta/</c>.</summary>
    public string Prefix { get; init; } = "slimta/";

    /// <summary>Where the service is.</summary>
    public AwsEndpoint Endpoint { get; init; } = new();

    /// <summary>True to name the bucket in the path, which most other endpoints than AWS's need; false to name it in the host. Default true where <see cref="AwsEndpoint.ServiceUrl"/> is given.</summary>
    public bool? PathStyle { get; init; }

    /// <summary>Octets of each part of a large object. Default 5 MiB.</summary>
    public int PartOctets { get; init; } = LeastPartOctets;

    /// <summary>The folder where a part of a large object waits until it is complete, in files without a name that are gone with the process. Default the system's for temporary files.</summary>
    public string ScratchFolder { get; init; } = Path.GetTempPath();

    /// <summary>Checks what can be checked without a server.</summary>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Bucket);
        ArgumentNullException.ThrowIfNull(Prefix);
        ArgumentException.ThrowIfNullOrEmpty(ScratchFolder);
        ArgumentOutOfRangeException.ThrowIfLessThan(PartOctets, LeastPartOctets);
        Endpoint.Validate();
    }
}
