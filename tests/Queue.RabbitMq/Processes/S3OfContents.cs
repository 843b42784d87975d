using SlimtaFast.TestKit.Aws;

namespace SlimtaFast.Queue.RabbitMq.Tests.Processes;

/// <summary>A bucket of a real server that speaks the protocol of S3.</summary>
internal sealed class S3OfContents(FauxqsProgram server) : ISharedContents
{
    private const string Bucket = "contents";

    public string Address => $"s3://{Bucket}?endpoint={server.Url}";

    public IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string> { ["SLIMTAFAST__Aws__AccessKey"] = "test", ["SLIMTAFAST__Aws__SecretKey"] = "test" };

    public static async Task<ISharedContents> StartAsync() => new S3OfContents(await FauxqsProgram.StartAsync(Bucket));

    public async Task<int> CountAsync()
    {
        using var http = new HttpClient();
        return (await http.GetStringAsync(new Uri(server.Url, $"/{Bucket}?list-type=2"))).Split("<Key>").Length - 1;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
