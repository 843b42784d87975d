using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using SlimtaFast.Mail;

namespace SlimtaFast.Queue.RabbitMq;

/// <summary>What the broker's queue says to an operator.</summary>
internal static partial class RabbitMqLog
{
    /// <summary>A connection is gone; it is made again.</summary>
    [LoggerMessage(1, LogLevel.Warning, "The {Role}'s connection to the broker was lost ({Reason}); it is being made again")]
    public static partial void ConnectionLost(ILogger logger, string role, string reason);

    /// <summary>A connection is there again.</summary>
    [LoggerMessage(2, LogLevel.Information, "The {Role} is connected to the broker again, at {Node}")]
    public static partial void Connected(ILogger logger, string role, AmqpTcpEndpoint node);

    /// <summary>The broker takes nothing.</summary>
    [LoggerMessage(3, LogLevel.Warning, "The broker takes no messages at present: {Reason}")]
    public static partial void Blocked(ILogger logger, string reason);

    /// <summary>The broker takes messages again.</summary>
    [LoggerMessage(4, LogLevel.Information, "The broker takes messages again")]
    public static partial void Unblocked(ILogger logger);

    /// <summary>Messages are handed out.</summary>
    [LoggerMessage(5, LogLevel.Information, "The broker hands out work, at {Node}")]
    public static partial void Consuming(ILogger logger, AmqpTcpEndpoint node);

    /// <summary>No messages are handed out.</summary>
    [LoggerMessage(6, LogLevel.Warning, "The broker hands out no work: {Why}; it is asked again")]
    public static partial void ConsumingFailed(ILogger logger, string why);

    /// <summary>A message waits for an operator.</summary>
    [LoggerMessage(7, LogLevel.Error, "{Id}: parked: {Reason}")]
    public static partial void Parked(ILogger logger, string? id, string reason);

    /// <summary>A message could not be sent on.</summary>
    [LoggerMessage(8, LogLevel.Warning, "{Id}: could not be sent on into its delay, or parked; it is tried again")]
    public static partial void SendingOnFailed(ILogger logger, string? id, Exception exception);

    /// <summary>A copy was dropped.</summary>
    [LoggerMessage(9, LogLevel.Information, "{Id}: the broker handed out a copy of what is done with or in work here; dropped")]
    public static partial void CopyDropped(ILogger logger, QueueId id);

    /// <summary>Messages went to other workers.</summary>
    [LoggerMessage(10, LogLevel.Information, "{Count} messages were given back, because the queue has no place for them any more")]
    public static partial void GivenBack(ILogger logger, int count);

    /// <summary>Contents were left behind.</summary>
    [LoggerMessage(11, LogLevel.Information, "Removed {Count} contents of messages that are long gone")]
    public static partial void Swept(ILogger logger, int count);

    /// <summary>The contents could not be looked through.</summary>
    [LoggerMessage(12, LogLevel.Warning, "The contents could not be looked through for what is left behind")]
    public static partial void SweepFailed(ILogger logger, Exception exception);

    /// <summary>The broker gives connections up earlier than was asked for.</summary>
    [LoggerMessage(14, LogLevel.Warning, "The broker at {Node} gives a silent connection up after {Heartbeat}, not {Wanted}: where the network is cut it may hand out what is in work here; raise its heartbeat, or lower that of --queue")]
    public static partial void ShortHeartbeat(ILogger logger, AmqpTcpEndpoint node, TimeSpan heartbeat, TimeSpan wanted);

    /// <summary>A message was handed out again and again.</summary>
    [LoggerMessage(15, LogLevel.Warning, "{Id}: was handed out {Deliveries} times without an outcome; from now on it is handed out beside no other such message")]
    public static partial void HandedOutOften(ILogger logger, QueueId id, int deliveries);

    /// <summary>Nobody listens at the broker's place yet.</summary>
    [LoggerMessage(16, LogLevel.Warning, "{Why}; waiting for it, for {Patience} at most")]
    public static partial void Awaited(ILogger logger, string why, TimeSpan patience);

    /// <summary>A content stayed.</summary>
    [LoggerMessage(13, LogLevel.Warning, "{Id}: its content could not be removed; it is when it has become old")]
    public static partial void ContentStays(ILogger logger, QueueId id, Exception exception);
}
