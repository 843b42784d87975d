using Amazon.Runtime;
using Amazon.S3;
using SlimtaFast.TestKit.Aws;

namespace SlimtaFast.EndToEnd.Tests.Sharing;

/// <summary>A real server of S3's protocol that writes conditionally, with nothing in front of it.</summary>
internal sealed class CephBackend : BucketBackend
{
    private readonly CephProgram _server;

    private CephBackend(CephProgram server)
        : base(server.Url, CephProgram.AccessKey, CephProgram.SecretKey) => _server = server;

    public override string Storage => $"s3://{Bucket}?endpoint={_server.Url}";

    public static async Task<CephBackend> StartAsync()
    {
        CephProgram server = await CephProgram.StartAsync();
        var configuration = new AmazonS3Config { ServiceURL = server.Url.ToString(), ForcePathStyle = true, AuthenticationRegion = "us-east-1" };
        using var client = new AmazonS3Client(new BasicAWSCredentials(CephProgram.AccessKey, CephProgram.SecretKey), configuration);
        await client.PutBucketAsync(Bucket);
        return new CephBackend(server);
    }

    public override ValueTask DisposeAsync() => _server.DisposeAsync();
}
