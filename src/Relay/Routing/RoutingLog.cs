using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Routing;

/// <summary>What looking up routes logs. Event ids 4010 to 4019.</summary>
internal static partial class RoutingLog
{
    /// <summary>A route could not be looked up.</summary>
    [LoggerMessage(4010, LogLevel.Error, "{Id} the route of {Domain} could not be looked up; it is tried again")]
    public static partial void LookupFailed(ILogger logger, QueueId id, string domain, Exception exception);

    /// <summary>A lookup names a relay that cannot be.</summary>
    [LoggerMessage(4011, LogLevel.Error, "{Id} the route of {Domain} is wrong, and its mail waits until it is mended: {Problem}")]
    public static partial void WrongRoute(ILogger logger, QueueId id, string domain, string problem);
}
