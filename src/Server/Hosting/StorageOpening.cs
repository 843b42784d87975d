using Microsoft.Extensions.Logging;
using SlimtaFast.Server.Configuration;
using SlimtaFast.Storage;
using SlimtaFast.Storage.Redis;

namespace SlimtaFast.Server.Hosting;

/// <summary>Makes the storage that an address names.</summary>
internal static class StorageOpening
{
    /// <summary>Makes it; it is not started yet.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="settings">Who we are there.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Makes its loggers.</param>
    /// <exception cref="UsageException">Who we are there is not told.</exception>
    public static IQueueStorage Open(StorageAddress address, ServeSettings settings, TimeProvider time, ILoggerFactory loggers) => address switch
    {
        DiskStorageAddress disk => new DiskStorage(
            new DiskStorageOptions
            {
                Directory = disk.Directory,
                EnvDirectory = disk.EnvelopeDirectory,
                MetaDirectory = disk.MetaDirectory,
                TmpDirectory = disk.ScratchDirectory,
                Journal = disk.Journal,
                JournalMaxBytes = disk.JournalSize,
            },
            loggers.CreateLogger<DiskStorage>()),
        RedisStorageAddress redis => new RedisStorage(
            As(settings, redis),
            time,
            loggers.CreateLogger<RedisStorage>()),
        CloudStorageAddress cloud => cloud.Open(settings.CloudSecrets, time, loggers),
        _ => new MemoryStorage(),
    };

    /// <summary>A place in Redis together with who we are there.</summary>
    public static RedisStorageOptions As(ServeSettings settings, RedisStorageAddress redis) =>
        redis.Options with { UserName = settings.LookupSecrets.RedisUserName, Password = settings.LookupSecrets.RedisPassword };
}
