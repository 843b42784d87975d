using Microsoft.Extensions.Logging;
using SlimtaFast.Server.Configuration;
using SlimtaFast.Storage;
using SlimtaFast.Storage.Cloud;
using SlimtaFast.Storage.Redis;

namespace SlimtaFast.Server.Hosting;

/// <summary>Makes the store for contents that are too large for a broker.</summary>
internal static class ContentsOpening
{
    /// <summary>Makes it; it is not started yet.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="settings">Who we are there.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Makes its loggers.</param>
    /// <exception cref="UsageException">Who we are there is not told.</exception>
    public static IContentStore Open(ContentsAddress address, ServeSettings settings, TimeProvider time, ILoggerFactory loggers) => address.Storage switch
    {
        RedisStorageAddress redis => new RedisContents(StorageOpening.As(settings, redis), loggers.CreateLogger<RedisContents>()),
        CloudStorageAddress cloud => new ObjectContents(cloud.OpenObjects(settings.CloudSecrets, time, loggers)),
        _ => new FolderContents(address.Directory),
    };
}
