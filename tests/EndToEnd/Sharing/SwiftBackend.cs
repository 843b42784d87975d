using System.Globalization;
using SlimtaFast.Storage;
using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.OpenStack;
using SlimtaFast.TestKit.OpenStack;

namespace SlimtaFast.EndToEnd.Tests.Sharing;

/// <summary>A real Swift, which one process at a time may use.</summary>
internal sealed class SwiftBackend : ISharedBackend
{
    private const string Container = "mail";

    // A marker without a record, of a write that was cut short, stays for an hour and is no item.
    private static readonly string[] Records = ["items/", "states/"];
    private const int Page = 1000;

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

    // Before anything new is attempted the objects go of what was delivered and not taken away when its server was killed, some requests for each.
    public TimeSpan Quiet => TimeSpan.FromMinutes(3);

    public static async Task<SwiftBackend> StartAsync()
    {
        var backend = new SwiftBackend(await SwiftProgram.StartAsync());
        await backend._swift.MakeContainerAsync(Container);
        return backend;
    }

    // While a process uses the container nobody else may ask it as a storage: these are the objects that items are made of.
    public async Task<string> CountAsync()
    {
        await using SwiftObjectStore objects = Open();
        await objects.StartAsync(CancellationToken.None);
        int count = 0;
        foreach (string records in Records)
            count += await CountAsync(objects, records);
        return count.ToString(CultureInfo.InvariantCulture);
    }

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

    private static async Task<int> CountAsync(SwiftObjectStore objects, string prefix)
    {
        int count = 0;
        string? after = null;
        ObjectPage page;
        do
        {
            page = await objects.ListAsync(prefix, after, Page, CancellationToken.None);
            count += page.Objects.Count;
            after = page.Objects.Count > 0 ? page.Objects[^1].Name : null;
        }
        while (page.HasMore && after is not null);
        return count;
    }

    private SwiftObjectStore Open() => new(
        new SwiftOptions
        {
            Cloud = new OpenStackOptions { Identity = IdentityKind.TempAuth, Endpoint = _swift.AuthUrl, UserName = SwiftProgram.UserName, Secret = SwiftProgram.Secret },
            Container = Container,
        },
        TimeProvider.System);
}
