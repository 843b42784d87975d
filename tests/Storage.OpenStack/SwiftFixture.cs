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
    public OpenStackOptions Cloud => new() { Identity = IdentityKind.TempAuth, Endpoint = Swift.AuthUrl, UserName = SwiftProgram.UserName, Secret = SwiftProgram.Secret };

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (SwiftProgram.WhyNot is not null)
            return;
        Swift = await SwiftProgram.StartAsync();
        await Swift.MakeContainerAsync(Container);
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
