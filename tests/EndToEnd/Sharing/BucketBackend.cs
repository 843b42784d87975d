using System.Globalization;
using SlimtaFast.Storage;
using SlimtaFast.Storage.Aws;
using SlimtaFast.Storage.Cloud;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Load;

namespace SlimtaFast.EndToEnd.Tests.Sharing;

/// <summary>A bucket that any number of processes may use, and the tests beside them.</summary>
internal abstract class BucketBackend : ISharedBackend
{
    /// <summary>Its name.</summary>
    protected const string Bucket = "mail";

    private readonly AwsEndpoint _endpoint;

    protected BucketBackend(Uri url, string accessKey, string secretKey)
    {
        _endpoint = new AwsEndpoint { ServiceUrl = url, AccessKey = accessKey, SecretKey = secretKey };
        Settings = new Dictionary<string, string> { ["SLIMTAFAST__Aws__AccessKey"] = accessKey, ["SLIMTAFAST__Aws__SecretKey"] = secretKey };
    }

    public abstract string Storage { get; }

    public IReadOnlyDictionary<string, string> Settings { get; }

    // Its clock is read to two seconds.
    public TimeSpan Lease => TimeSpan.FromSeconds(12);

    // As the storage sees it: what a process that was killed left half written or half removed is no item, and goes with a later sweep.
    public async Task<string> CountAsync()
    {
        await using CloudStorage storage = Open();
        await storage.StartAsync(CancellationToken.None);
        int count = 0;
        await foreach (QueueEntry _ in storage.LoadAsync(CancellationToken.None))
            count++;
        return count.ToString(CultureInfo.InvariantCulture);
    }

    public async Task<IReadOnlyList<string>> FindTokensAsync()
    {
        await using CloudStorage storage = Open();
        await storage.StartAsync(CancellationToken.None);
        var tokens = new List<string>();
        await foreach (QueueEntry entry in storage.LoadAsync(CancellationToken.None))
        {
            if (await storage.ReadAsync(entry.Id, CancellationToken.None) is not { } item)
                continue;
            tokens.Add(LoadMessage.FindToken(await Contents.ReadAllAsync(item.Envelope.Content)) ?? $"none in {entry.Id}");
            item.Envelope.Content.Release();
        }

        return tokens;
    }

    public abstract ValueTask DisposeAsync();

    private CloudStorage Open() => new(new S3ObjectStore(new S3Options { Bucket = Bucket, Endpoint = _endpoint }), null, null, TimeProvider.System);
}
