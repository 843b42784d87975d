using System.Globalization;
using System.Text.Json;
using SlimtaFast.Storage;
using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.OpenStack;
using SlimtaFast.TestKit.OpenStack;

namespace SlimtaFast.EndToEnd.Tests.Sharing;

/// <summary>A real Swift, which one process at a time may use.</summary>
internal sealed class SwiftBackend : ISharedBackend
{
    private const string Container = "mail";

    private const string Items = "items/";
    private const string States = "states/";
    private const int Page = 1000;

    // More than any of this load.
    private const int LongestRecord = 64 * 1024;

    private readonly SwiftProgram _swift;

    private SwiftBackend(SwiftProgram swift) => _swift = swift;

    public string Storage => $"swift://{Container}?auth={_swift.AuthUrl}&identity=tempauth";

    public IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["SLIMTAFAST__OpenStack__UserName"] = SwiftProgram.UserName,
        ["SLIMTAFAST__OpenStack__Secret"] = SwiftProgram.Secret,
    };

    // Its clock is read to two seconds.
    public TimeSpan Lease => TimeSpan.FromSeconds(12);

    // The place of one that was killed is waited for, a minute.
    public TimeSpan StartLimit => TimeSpan.FromMinutes(3);

    // It takes some tens of requests a second, which attempts share with the taking away of what was delivered.
    public TimeSpan Quiet => TimeSpan.FromMinutes(3);

    public static async Task<SwiftBackend> StartAsync()
    {
        var backend = new SwiftBackend(await SwiftProgram.StartAsync());
        await backend._swift.MakeContainerAsync(Container);
        return backend;
    }

    // While a process uses the container nobody else may ask it as a storage: these are the items by their records. One that says that its item is closed is
    // no item any more, and one that is there only as the first line of an object that was to become an item with another one, and did not, never was any:
    // a sweep takes both away after an hour.
    public async Task<string> CountAsync()
    {
        await using SwiftObjectStore objects = Open();
        await objects.StartAsync(CancellationToken.None);
        int count = 0;
        Leftovers = 0;
        HashSet<string> changed = [.. await ListAsync(objects, States)];
        foreach (string name in changed.Select(static id => States + id).Concat((await ListAsync(objects, Items)).Except(changed).Select(static id => Items + id)))
        {
            if (await ReadRecordAsync(objects, name) is not { } record)
                continue;
            if (record.TryGetProperty(name.StartsWith(States, StringComparison.Ordinal) ? "closed" : "under", out _))
                Leftovers++;
            else
                count++;
        }

        return count.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Of the last count: what was left of items that are closed, and of writes that were cut short.</summary>
    public int Leftovers { get; private set; }

    /// <summary>All items as the storage sees them, once nobody uses it.</summary>
    public async Task<int> CountAllAsync()
    {
        await using var storage = new CloudStorage(Open(), null, null, TimeProvider.System);
        await storage.StartAsync(CancellationToken.None);
        int count = 0;
        await foreach (QueueEntry _ in storage.LoadAsync(CancellationToken.None))
            count++;
        return count;
    }

    public ValueTask DisposeAsync() => _swift.DisposeAsync();

    private static async Task<List<string>> ListAsync(SwiftObjectStore objects, string prefix)
    {
        var names = new List<string>();
        string? after = null;
        ObjectPage page;
        do
        {
            page = await objects.ListAsync(prefix, after, Page, CancellationToken.None);
            names.AddRange(page.Objects.Select(found => found.Name[prefix.Length..]));
            after = page.Objects.Count > 0 ? page.Objects[^1].Name : null;
        }
        while (page.HasMore && after is not null);
        return names;
    }

    private static async Task<JsonElement?> ReadRecordAsync(SwiftObjectStore objects, string name)
    {
        byte[] start = new byte[LongestRecord];
        if (await objects.ReadAsync(name, 0, start, CancellationToken.None) is not { } read)
            return null;
        int end = start.AsSpan(0, read).IndexOf((byte)'\n');
        using JsonDocument record = JsonDocument.Parse(start.AsMemory(0, end < 0 ? read : end));
        return record.RootElement.Clone();
    }

    private SwiftObjectStore Open() => new(
        new SwiftOptions
        {
            Cloud = new OpenStackOptions { Identity = IdentityKind.TempAuth, Endpoint = _swift.AuthUrl, UserName = SwiftProgram.UserName, Secret = SwiftProgram.Secret },
            Container = Container,
        },
        TimeProvider.System);
}
