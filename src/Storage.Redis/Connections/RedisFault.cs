using StackExchange.Redis;

namespace SlimtaFast.Storage.Redis.Connections;

/// <summary>Says whose fault it is when an operation fails.</summary>
internal static class RedisFault
{
    /// <summary>True for what <see cref="Translate"/> knows.</summary>
    public static bool IsKnown(Exception exception) => exception is RedisException or TimeoutException or ObjectDisposedException or InvalidOperationException { Source: "StackExchange.Redis" }
        || (exception is AggregateException { InnerException: { } inner } && IsKnown(inner));

    /// <summary>The failure behind a client's or server's exception.</summary>
    public static StorageException Translate(Exception exception) => exception switch
    {
        // The client wraps what happens to a scan.
        AggregateException { InnerException: { } inner } => Translate(inner),
        ObjectDisposedException => new StorageException(StorageFailure.Stopping, "The storage is closed.", exception),
        RedisServerException server when server.Message.Contains("OOM", StringComparison.Ordinal) =>
            new StorageException(StorageFailure.Full, $"Redis has no memory left: {server.Message}", server),
        // What was sent may have been done, answered or not.
        RedisTimeoutException { Commandstatus: CommandStatus.Sent or CommandStatus.Unknown } or TimeoutException and not RedisTimeoutException =>
            new StorageException(StorageFailure.DeadlinePassed, $"Redis did not answer in time: {exception.Message}", exception),
        // The client does not say of what was on its way whether it was sent: only what certainly was not is certainly not done.
        RedisConnectionException { CommandStatus: not (CommandStatus.WaitingToBeSent or CommandStatus.WaitingInBacklog) } =>
            new StorageException(StorageFailure.DeadlinePassed, $"The connection to Redis was lost before its answer: {exception.Message}", exception),
        _ => new StorageException(StorageFailure.Unavailable, $"Redis cannot be used: {exception.Message}", exception),
    };
}
