namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>The servers that a test class talks to: one for each set of options, started when first asked for.</summary>
public sealed class ServersUnderTest : IAsyncLifetime
{
    private static readonly IReadOnlyDictionary<string, string> NoUsers = new Dictionary<string, string>();

    private readonly Dictionary<string, ServerUnderTest> _servers = [];

    /// <inheritdoc/>
    public Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        foreach (ServerUnderTest server in _servers.Values)
            await server.DisposeAsync();
    }

    /// <summary>The server with the usual options.</summary>
    internal Task<ServerUnderTest> GetAsync() => GetAsync(Cover.Plain, false, [], new Dictionary<string, string>(), NoUsers, null);

    /// <summary>The server with the usual options under a cover.</summary>
    internal Task<ServerUnderTest> GetAsync(Cover cover) => GetAsync(cover, false, [], new Dictionary<string, string>(), NoUsers, null);

    /// <summary>A server with settings of its own.</summary>
    internal Task<ServerUnderTest> GetAsync(IReadOnlyDictionary<string, string> environment) => GetAsync(Cover.Plain, false, [], environment, NoUsers, null);

    /// <summary>The server that a script asks for.</summary>
    internal Task<ServerUnderTest> GetAsync(DialogueScript script, Cover cover) => GetAsync(cover, script.OffersTls, script.Options, script.Environment, script.Users, script.HopKeywords);

    private async Task<ServerUnderTest> GetAsync(Cover cover, bool offersTls, IReadOnlyList<string> options, IReadOnlyDictionary<string, string> environment, IReadOnlyDictionary<string, string> users, IReadOnlyList<string>? hopKeywords)
    {
        string key = $"{cover} {offersTls} " + string.Join(' ', [.. options, .. Tell(environment), "users", .. Tell(users), "hop", .. hopKeywords ?? ["usual"]]);
        if (!_servers.TryGetValue(key, out ServerUnderTest? server))
            _servers[key] = server = await ServerUnderTest.StartAsync(cover, offersTls, options, environment, users, hopKeywords);
        return server;
    }

    private static IEnumerable<string> Tell(IReadOnlyDictionary<string, string> settings) =>
        settings.OrderBy(static s => s.Key, StringComparer.Ordinal).Select(static s => $"{s.Key}={s.Value}");
}
