using Amazon;
using Amazon.Runtime;

namespace SlimtaFast.Storage.Aws;

/// <summary>Where a service of AWS is, or something that speaks its protocol, and who we are there. Immutable.</summary>
public sealed record AwsEndpoint
{
    /// <summary>The region, such as <c>eu-central-1</c>. Default <c>us-east-1</c>.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>The address of another endpoint than AWS's own; null for that.</summary>
    public Uri? ServiceUrl { get; init; }

    /// <summary>The access key; empty, as is <see cref="SecretKey"/>, for what the environment, its profile or the machine's role gives.</summary>
    public string AccessKey { get; init; } = "";

    /// <summary>The secret of the access key.</summary>
    public string SecretKey { get; init; } = "";

    /// <summary>How long one request may take before it is given up as possibly done. Default 20 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"AwsEndpoint {{ Region = {Region}, ServiceUrl = {ServiceUrl}, AccessKey = {AccessKey} }}";

    /// <summary>Checks what can be checked without a server.</summary>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Region);
        ArgumentOutOfRangeException.ThrowIfLessThan(Timeout, TimeSpan.FromMilliseconds(100));
        if (AccessKey.Length == 0 != (SecretKey.Length == 0))
            throw new ArgumentException("An access key and its secret belong together.", nameof(SecretKey));
    }

    /// <summary>Who we are; null where the environment, its profile or the machine's role tells.</summary>
    internal BasicAWSCredentials? Credentials => AccessKey.Length == 0 ? null : new BasicAWSCredentials(AccessKey, SecretKey);

    /// <summary>Has a client go there, and try again twice what fails for a moment.</summary>
    /// <param name="config">The client's.</param>
    /// <param name="timeout">How long one try may take.</param>
    internal void Configure(ClientConfig config, TimeSpan timeout)
    {
        config.Timeout = timeout;
        config.MaxErrorRetry = 2;
        if (ServiceUrl is { } url)
        {
            config.ServiceURL = url.ToString();
            config.AuthenticationRegion = Region;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(Region);
        }
    }
}
