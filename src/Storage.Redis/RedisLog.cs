using System.Net;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace SlimtaFast.Storage.Redis;

/// <summary>What the storage says to an operator.</summary>
internal static partial class RedisLog
{
    /// <summary>A connection is gone; it is made again.</summary>
    [LoggerMessage(1, LogLevel.Warning, "The connection to Redis at {EndPoint} was lost ({Failure}); it is being made again")]
    public static partial void ConnectionLost(ILogger logger, EndPoint? endPoint, ConnectionFailureType failure, Exception? exception);

    /// <summary>A connection is there again.</summary>
    [LoggerMessage(2, LogLevel.Information, "Redis at {EndPoint} is connected again")]
    public static partial void ConnectionRestored(ILogger logger, EndPoint? endPoint);

    /// <summary>The server would lose acknowledged mail.</summary>
    [LoggerMessage(3, LogLevel.Warning, "Redis at {EndPoint} may lose mail that was acknowledged: {Why}")]
    public static partial void NotDurable(ILogger logger, EndPoint endPoint, string why);

    /// <summary>The server would not tell its settings.</summary>
    [LoggerMessage(4, LogLevel.Warning, "Whether Redis at {EndPoint} keeps what it acknowledges could not be found out: {Why}")]
    public static partial void DurabilityUnknown(ILogger logger, EndPoint endPoint, string why);

    /// <summary>A failover to a replica may lose mail.</summary>
    [LoggerMessage(5, LogLevel.Warning, "Redis at {EndPoint} has {Connected} replicas and {Waited} of them are waited for: a failover to another loses what it does not have yet")]
    public static partial void FailoverLoses(ILogger logger, EndPoint endPoint, int connected, int waited);

    /// <summary>The keys were looked through.</summary>
    [LoggerMessage(6, LogLevel.Information, "Looked through {Keys} keys of {Prefix}: {Added} messages were missing among those that wait, {Foreign} keys are no messages of ours")]
    public static partial void Rebuilt(ILogger logger, string prefix, long keys, long added, long foreign);

    /// <summary>Looking through the keys failed.</summary>
    [LoggerMessage(7, LogLevel.Warning, "Looking through the keys of {Prefix} failed; it is tried again")]
    public static partial void RebuildFailed(ILogger logger, string prefix, Exception exception);

    /// <summary>An item cannot be read.</summary>
    [LoggerMessage(8, LogLevel.Error, "The item {Key} is damaged: {What}")]
    public static partial void Damaged(ILogger logger, string key, string what);
}
