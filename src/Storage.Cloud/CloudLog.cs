using Microsoft.Extensions.Logging;

namespace SlimtaFast.Storage.Cloud;

/// <summary>What the storage says to an operator.</summary>
internal static partial class CloudLog
{
    /// <summary>The endpoint makes no atomic updates.</summary>
    [LoggerMessage(1, LogLevel.Warning, "{Store} does not write conditionally ({Found}), so that one process only may use it: this one holds the place from now on")]
    public static partial void SoleWriter(ILogger logger, string store, ConditionalWrites found);

    /// <summary>The place is held by another process.</summary>
    [LoggerMessage(2, LogLevel.Information, "{Store} is held by {Holder}, perhaps one that died; waiting {Seconds} seconds for a sign of it")]
    public static partial void WaitingForPlace(ILogger logger, string store, string holder, double seconds);

    /// <summary>The place could not be renewed.</summary>
    [LoggerMessage(3, LogLevel.Warning, "The place as the only writer of {Store} could not be renewed; it is tried again")]
    public static partial void PlaceNotRenewed(ILogger logger, string store, Exception exception);

    /// <summary>Another process took the place.</summary>
    [LoggerMessage(4, LogLevel.Error, "The place as the only writer of {Store} was lost: nothing is written any more")]
    public static partial void PlaceLost(ILogger logger, string store);

    /// <summary>What was left behind was looked for.</summary>
    [LoggerMessage(5, LogLevel.Information, "Looked through {Store}: {Items} items, {Markers} missing in the list of due times, {Stray} objects left behind")]
    public static partial void Swept(ILogger logger, string store, long items, long markers, long stray);

    /// <summary>Looking through everything failed.</summary>
    [LoggerMessage(6, LogLevel.Warning, "Looking through {Store} failed; it is tried again later")]
    public static partial void SweepFailed(ILogger logger, string store, Exception exception);

    /// <summary>An item cannot be read.</summary>
    [LoggerMessage(7, LogLevel.Error, "The object {Name} of {Store} is damaged: {What}")]
    public static partial void Damaged(ILogger logger, string store, string name, string what);

    /// <summary>The queue cannot be used; items are found by listing meanwhile.</summary>
    [LoggerMessage(8, LogLevel.Warning, "{Queue} fails; items are found by listing meanwhile")]
    public static partial void QueueFailed(ILogger logger, string queue, Exception exception);

    /// <summary>A message is none of ours.</summary>
    [LoggerMessage(9, LogLevel.Warning, "{Queue} has a message that is none of ours, received {Receives} times: it is left to the queue's rules for dead letters, and deleted at the tenth time")]
    public static partial void ForeignMessage(ILogger logger, string queue, int receives);

    /// <summary>What is no longer needed could not be deleted.</summary>
    [LoggerMessage(10, LogLevel.Warning, "What {Id} left in {Store} could not be deleted yet")]
    public static partial void CleaningFailed(ILogger logger, string store, Mail.QueueId id, Exception exception);

    /// <summary>The clocks differ.</summary>
    [LoggerMessage(11, LogLevel.Warning, "The clock of {Store} is {Seconds} seconds ahead of ours; leases go by it")]
    public static partial void ClockDiffers(ILogger logger, string store, double seconds);
}
