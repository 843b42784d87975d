using System.Globalization;
using SlimtaFast.Storage;
using SlimtaFast.Storage.Aws;
using SlimtaFast.Storage.Cloud;
using SlimtaFast.TestKit.Aws;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.EndToEnd.Tests.Sharing;

/// <summary>A real server of S3 and SQS, with the stand-in for conditions in front of it.</summary>
internal sealed class S3Backend : ISharedBackend
{
    private const string Bucket = "mail";
    private const string Queue = "news";

    private readonly FauxqsProgram _server;
    private readonly ConditionalEndpoint _endpoint;

    private S3Backend(FauxqsProgram server)
    {
        _server = server;
        _endpoint = new ConditionalEndpoint(server.Url, RunningProgram.FreePort());
    }

    public string Storage => $"s3://{Bucket}?endpoint={_endpoint.Url}&queue={Queue}&queue-endpoint={_server.Url}";

    public IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string> { ["SLIMTAFAST__Aws__AccessKey"] = "test", ["SLIMTAFAST__Aws__SecretKey"] = "test" };

    // Its clock is read to two seconds.
    public TimeSpan Lease => TimeSpan.FromSeconds(12);

    public static async Task<S3Backend> StartAsync() => new(await FauxqsProgram.StartAsync(Bucket, Queue));

    // As the storage sees it: what a process that was killed left half written or half removed is no item, and goes with a later sweep.
    public async Task<string> CountAsync()
    {
        var objects = new S3ObjectStore(new S3Options { Bucket = Bucket, Endpoint = new AwsEndpoint { ServiceUrl = _endpoint.Url, AccessKey = "test", SecretKey = "test" } });
        await using var storage = new CloudStorage(objects, null, null, TimeProvider.System);
        await storage.StartAsync(CancellationToken.None);
        int count = 0;
        await foreach (QueueEntry _ in storage.LoadAsync(CancellationToken.None))
            count++;
        return count.ToString(CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        await _endpoint.DisposeAsync();
        await _server.DisposeAsync();
    }
}
