using SlimtaFast.TestKit.Aws;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.EndToEnd.Tests.Sharing;

/// <summary>A real server of S3 and SQS, with the stand-in for conditions in front of it.</summary>
internal sealed class S3Backend : BucketBackend
{
    private const string Queue = "news";

    private readonly FauxqsProgram _server;
    private readonly ConditionalEndpoint _endpoint;

    private S3Backend(FauxqsProgram server, ConditionalEndpoint endpoint)
        : base(endpoint.Url, "test", "test") => (_server, _endpoint) = (server, endpoint);

    public override string Storage => $"s3://{Bucket}?endpoint={_endpoint.Url}&queue={Queue}&queue-endpoint={_server.Url}";

    public static async Task<S3Backend> StartAsync()
    {
        FauxqsProgram server = await FauxqsProgram.StartAsync(Bucket, Queue);
        return new S3Backend(server, new ConditionalEndpoint(server.Url, RunningProgram.FreePort()));
    }

    public override async ValueTask DisposeAsync()
    {
        await _endpoint.DisposeAsync();
        await _server.DisposeAsync();
    }
}
