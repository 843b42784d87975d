using Amazon.Runtime;
using Amazon.S3;
using Amazon.SQS;
using SlimtaFast.Storage.Cloud;
using SlimtaFast.TestKit.Aws;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Storage.Aws.Tests;

/// <summary>One real server for the tests of a class, with the stand-in for conditions in front of it; each test has a prefix and a queue of its own.</summary>
public sealed class AwsFixture : IAsyncLifetime
{
    private const string Bucket = "mail-queue";

    private int _places;

    /// <summary>The stand-in.</summary>
    public ConditionalEndpoint Endpoint { get; private set; } = null!;

    /// <summary>The server itself.</summary>
    public FauxqsProgram Server { get; private set; } = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (FauxqsProgram.WhyNot is not null)
            return;
        Server = await FauxqsProgram.StartAsync();
        Endpoint = new ConditionalEndpoint(Server.Url, RunningProgram.FreePort());
        using var client = new AmazonS3Client(new BasicAWSCredentials("test", "test"), new AmazonS3Config { ServiceURL = Server.Url.ToString(), ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
        await client.PutBucketAsync(Bucket);
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (Endpoint is not null)
            await Endpoint.DisposeAsync();
        if (Server is not null)
            await Server.DisposeAsync();
    }

    /// <summary>A prefix that is still empty.</summary>
    public string NewPrefix() => $"slimta {Interlocked.Increment(ref _places)}+/";

    /// <summary>A store there.</summary>
    /// <param name="prefix">Its prefix.</param>
    /// <param name="conditions">True by way of the stand-in, false for the server itself, which ignores conditions.</param>
    public IObjectStore OpenStore(string prefix, bool conditions = true) =>
        new S3ObjectStore(new S3Options { Bucket = Bucket, Prefix = prefix, Endpoint = EndpointOf(conditions ? Endpoint.Url : Server.Url) });

    /// <summary>Makes a queue and tells its name.</summary>
    public async Task<string> NewQueueAsync(IReadOnlyDictionary<string, string>? attributes = null)
    {
        string name = $"mail-{Interlocked.Increment(ref _places)}";
        using var client = new AmazonSQSClient(new BasicAWSCredentials("test", "test"), new AmazonSQSConfig { ServiceURL = Server.Url.ToString(), AuthenticationRegion = "us-east-1" });
        await client.CreateQueueAsync(new Amazon.SQS.Model.CreateQueueRequest(name) { Attributes = attributes?.ToDictionary() });
        return name;
    }

    /// <summary>A queue.</summary>
    public IMessageQueue OpenQueue(string name) => new SqsMessageQueue(new SqsOptions { Queue = name, Endpoint = EndpointOf(Server.Url) });

    private static AwsEndpoint EndpointOf(Uri url) => new() { ServiceUrl = url, AccessKey = "test", SecretKey = "test" };
}
