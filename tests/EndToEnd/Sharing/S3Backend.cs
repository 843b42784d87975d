using System.Globalization;
using System.Xml.Linq;
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
    private readonly HttpClient _client = new();

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

    public async Task<string> CountAsync()
    {
        string listing = await _client.GetStringAsync(new Uri(_server.Url, $"/{Bucket}?list-type=2&prefix=slimta/items/"));
        return XDocument.Parse(listing).Root!.Elements().Count(static element => element.Name.LocalName == "Contents").ToString(CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _endpoint.DisposeAsync();
        await _server.DisposeAsync();
    }
}
