using SlimtaFast.Storage.Cloud;
using SlimtaFast.TestKit.OpenStack;

namespace SlimtaFast.Storage.OpenStack.Tests;

/// <summary>One real Swift for the tests of a class, each of which has a prefix of its own.</summary>
public sealed class SwiftFixture : IAsyncLifetime
{
    private const string Container = "mail queue";

    private int _places;

    /// <summary>The server.</summary>
    public SwiftProgram Swift { get; private set; } = null!;

    /// <summary>The cloud.</summary>
    public OpenStackOptions Cloud => new() { Identity = IdentityKind.TempAuth, Endpoint = Swift.AuthUrl, UserName = "test:tester", Secret = "testing" };

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (SwiftProgram.WhyNot is not null)
            return;
        Swift = await SwiftProgram.StartAsync();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, Swift.AuthUrl) { Headers = { { "X-Auth-User", "test:tester" }, { "X-Auth-Key", "testing" } } };
        using HttpResponseMessage answer = await http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        using var make = new HttpRequestMessage(HttpMethod.Put, $"{answer.Headers.GetValues("X-Storage-Url").Single()}/{Uri.EscapeDataString(Container)}");
        make.Headers.Add("X-Auth-Token", answer.Headers.GetValues("X-Auth-Token").Single());
        using HttpResponseMessage made = await http.SendAsync(make);
        made.EnsureSuccessStatusCode();
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (Swift is not null)
            await Swift.DisposeAsync();
    }

    /// <summary>A prefix that is still empty.</summary>
    public string NewPrefix() => $"slimta {Interlocked.Increment(ref _places)}%/";

    /// <summary>A store there.</summary>
    public IObjectStore OpenStore(string prefix, string container = Container) => new SwiftObjectStore(new SwiftOptions { Cloud = Cloud, Container = container, Prefix = prefix }, TimeProvider.System);
}
