using System.Globalization;
using System.Text;
using System.Text.Json;
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
        HashSet<string> items = await ListAsync("items/"), states = await ListAsync("states/");
        int count = 0;
        foreach (string id in items)
        {
            // Those of a message whose first item was never written, because its process was killed, are none: a sweep takes them an hour later.
            using HttpResponseMessage answer = await _client.GetAsync(new Uri(_server.Url, $"/{Bucket}/slimta/items/{id}"));
            if (!answer.IsSuccessStatusCode)
                continue;
            string line = Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync()).Split('\n')[0];
            using JsonDocument record = JsonDocument.Parse(line);
            bool isParked = record.RootElement.TryGetProperty("under", out JsonElement under) && !states.Contains(id)
                && (record.RootElement.TryGetProperty("under_epoch", out _) || !items.Contains(under.GetString()!));
            count += isParked ? 0 : 1;
        }

        return count.ToString(CultureInfo.InvariantCulture);
    }

    private async Task<HashSet<string>> ListAsync(string kind)
    {
        string listing = await _client.GetStringAsync(new Uri(_server.Url, $"/{Bucket}?list-type=2&prefix=slimta/{kind}"));
        return [.. XDocument.Parse(listing).Descendants().Where(static element => element.Name.LocalName == "Key").Select(static key => key.Value[(key.Value.LastIndexOf('/') + 1)..])];
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _endpoint.DisposeAsync();
        await _server.DisposeAsync();
    }
}
