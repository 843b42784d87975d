namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>The servers that deliver for a test class: one for each set of options and cover, and another where its hops are used up.</summary>
public sealed class RelaysUnderTest : IAsyncLifetime
{
    private readonly Dictionary<string, RelayUnderTest> _relays = [];

    /// <inheritdoc/>
    public Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        foreach (RelayUnderTest relay in _relays.Values)
            await relay.DisposeAsync();
    }

    /// <summary>The server that a script asks for.</summary>
    internal async Task<RelayUnderTest> GetAsync(DialogueScript script, Cover cover)
    {
        string key = string.Join(' ', [GetScheme(script, cover), .. script.Options, .. script.Environment.OrderBy(static s => s.Key, StringComparer.Ordinal).Select(static s => $"{s.Key}={s.Value}")]);
        if (_relays.TryGetValue(key, out RelayUnderTest? relay) && !relay.IsUsedUp)
            return relay;
        if (relay is not null)
            await relay.DisposeAsync();
        return _relays[key] = await RelayUnderTest.StartAsync(GetScheme(script, cover), script.Options, script.Environment);
    }

    private static string GetScheme(DialogueScript script, Cover cover) => script.IsLmtp ? "lmtp" : cover == Cover.Tls ? "smtps" : "smtp";
}
