using System.Globalization;
using Amazon.Runtime;
using Amazon.S3;
using SlimtaFast.Storage;
using SlimtaFast.Storage.Aws;
using SlimtaFast.Storage.Cloud;
using SlimtaFast.TestKit.Aws;

namespace SlimtaFast.EndToEnd.Tests.Sharing;

/// <summary>A real server of S3's protocol that writes conditionally, so that any number of processes may use it, with nothing in front of it.</summary>
internal sealed class CephBackend : ISharedBackend
{
    private const string Bucket = "mail";

    private readonly CephProgram _server;

    private CephBackend(CephProgram server) => _server = server;

    public string Storage => $"s3://{Bucket}?endpoint={_server.Url}";

    public IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["SLIMTAFAST__Aws__AccessKey"] = CephProgram.AccessKey,
        ["SLIMTAFAST__Aws__SecretKey"] = CephProgram.SecretKey,
    };

    // Its clock is read to two seconds.
    public TimeSpan Lease => TimeSpan.FromSeconds(12);

    public static async Task<CephBackend> StartAsync()
    {
        CephProgram server = await CephProgram.StartAsync();
        var configuration = new AmazonS3Config { ServiceURL = server.Url.ToString(), ForcePathStyle = true, AuthenticationRegion = "us-east-1" };
        using var client = new AmazonS3Client(new BasicAWSCredentials(CephProgram.AccessKey, CephProgram.SecretKey), configuration);
        await client.PutBucketAsync(Bucket);
        return new CephBackend(server);
    }

    // As the storage sees it: what a process that was killed left half written or half removed is no item, and goes with a later sweep.
    public async Task<string> CountAsync()
    {
        var objects = new S3ObjectStore(new S3Options
        {
            Bucket = Bucket,
            Endpoint = new AwsEndpoint { ServiceUrl = _server.Url, AccessKey = CephProgram.AccessKey, SecretKey = CephProgram.SecretKey },
        });
        await using var storage = new CloudStorage(objects, null, null, TimeProvider.System);
        await storage.StartAsync(CancellationToken.None);
        int count = 0;
        await foreach (QueueEntry _ in storage.LoadAsync(CancellationToken.None))
            count++;
        return count.ToString(CultureInfo.InvariantCulture);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
