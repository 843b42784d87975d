using SlimtaFast.TestKit.OpenStack;

namespace SlimtaFast.Queue.RabbitMq.Tests.Processes;

/// <summary>A container of a real Swift.</summary>
internal sealed class SwiftOfContents(SwiftProgram swift) : ISharedContents
{
    private const string Container = "contents", User = "test:tester", Key = "testing";

    public string Address => $"swift://{Container}?auth={swift.AuthUrl}&identity=tempauth";

    public IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string> { ["SLIMTAFAST__OpenStack__UserName"] = User, ["SLIMTAFAST__OpenStack__Secret"] = Key };

    public static async Task<ISharedContents> StartAsync()
    {
        var contents = new SwiftOfContents(await SwiftProgram.StartAsync());
        await contents.AskAsync(HttpMethod.Put);
        return contents;
    }

    public async Task<int> CountAsync() => (await AskAsync(HttpMethod.Get)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;

    public ValueTask DisposeAsync() => swift.DisposeAsync();

    private async Task<string> AskAsync(HttpMethod method)
    {
        using var http = new HttpClient();
        using var asked = new HttpRequestMessage(HttpMethod.Get, swift.AuthUrl) { Headers = { { "X-Auth-User", User }, { "X-Auth-Key", Key } } };
        using HttpResponseMessage who = await http.SendAsync(asked);
        who.EnsureSuccessStatusCode();
        using var request = new HttpRequestMessage(method, $"{who.Headers.GetValues("X-Storage-Url").Single()}/{Container}");
        request.Headers.Add("X-Auth-Token", who.Headers.GetValues("X-Auth-Token").Single());
        using HttpResponseMessage answer = await http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync();
    }
}
