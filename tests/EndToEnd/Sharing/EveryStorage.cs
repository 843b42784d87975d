using System.Globalization;
using SlimtaFast.TestKit.Aws;
using SlimtaFast.TestKit.OpenStack;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Redis;

namespace SlimtaFast.EndToEnd.Tests.Sharing;

/// <summary>A folder and real servers of every other kind of storage, each of them empty at first.</summary>
internal sealed class EveryStorage : IAsyncDisposable
{
    private const string Name = "mail";

    private readonly TemporaryFolder _folder = new();
    private RedisProgram? _redis;
    private FauxqsProgram? _fauxqs;
    private ConditionalEndpoint? _s3;
    private SwiftProgram? _swift;

    private EveryStorage()
    {
    }

    /// <summary>Who we are there.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["SLIMTAFAST__Aws__AccessKey"] = "test",
        ["SLIMTAFAST__Aws__SecretKey"] = "test",
        ["SLIMTAFAST__OpenStack__UserName"] = SwiftProgram.UserName,
        ["SLIMTAFAST__OpenStack__Secret"] = SwiftProgram.Secret,
    };

    /// <summary>The folder of the storage on disk.</summary>
    public string Folder => _folder["spool"];

    /// <summary>The storage on disk, as <c>--storage</c> names it.</summary>
    public string Disk => $"disk:{Folder}";

    /// <summary>The one in Redis.</summary>
    public string Redis => string.Create(CultureInfo.InvariantCulture, $"redis://127.0.0.1:{_redis!.Port}");

    /// <summary>The one in a bucket, whose endpoint writes conditionally.</summary>
    public string S3 => $"s3://{Name}?endpoint={_s3!.Url}";

    /// <summary>The one in a container.</summary>
    public string Swift => $"swift://{Name}?auth={_swift!.AuthUrl}&identity=tempauth";

    /// <summary>Starts the servers.</summary>
    public static async Task<EveryStorage> StartAsync()
    {
        var all = new EveryStorage();
        try
        {
            all._redis = await RedisProgram.StartAsync();
            all._fauxqs = await FauxqsProgram.StartAsync(Name);
            all._s3 = new ConditionalEndpoint(all._fauxqs.Url, RunningProgram.FreePort());
            all._swift = await SwiftProgram.StartAsync();
            await all._swift.MakeContainerAsync(Name);
            return all;
        }
        catch
        {
            await all.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_s3 is not null)
            await _s3.DisposeAsync();
        if (_fauxqs is not null)
            await _fauxqs.DisposeAsync();
        if (_swift is not null)
            await _swift.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
        _folder.Dispose();
    }
}
