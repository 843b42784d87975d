using Amazon.Runtime;
using Amazon.S3;
using SlimtaFast.Storage.Cloud;
using SlimtaFast.TestKit.Aws;

namespace SlimtaFast.Storage.Aws.Ceph.Tests;

/// <summary>One real Ceph for the tests of a class; each test has a prefix of its own.</summary>
public sealed class CephFixture : IAsyncLifetime
{
    private const string Bucket = "mail-queue";

    private CephProgram? _server;
    private int _places;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (CephProgram.WhyNot is not null)
            return;
        _server = await CephProgram.StartAsync();
        var configuration = new AmazonS3Config { ServiceURL = _server.Url.ToString(), ForcePathStyle = true, AuthenticationRegion = "us-east-1" };
        using var client = new AmazonS3Client(new BasicAWSCredentials(CephProgram.AccessKey, CephProgram.SecretKey), configuration);
        await client.PutBucketAsync(Bucket);
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    /// <summary>A prefix that is still empty.</summary>
    public string NewPrefix() => $"slimta {Interlocked.Increment(ref _places)}+/";

    /// <summary>A store there.</summary>
    public IObjectStore OpenStore(string prefix) => new S3ObjectStore(new S3Options
    {
        Bucket = Bucket,
        Prefix = prefix,
        Endpoint = new AwsEndpoint { ServiceUrl = _server!.Url, AccessKey = CephProgram.AccessKey, SecretKey = CephProgram.SecretKey },
    });
}
