using Microsoft.Extensions.Logging;

namespace SlimtaFast.Events;

/// <summary>What is logged of events' own ways. Event ids 6020 to 6039.</summary>
internal static partial class EventLog
{
    /// <summary>The file cannot be written.</summary>
    [LoggerMessage(6020, LogLevel.Error, "Events cannot be written to {Path} and are dropped until they can")]
    public static partial void FileNotWritten(ILogger logger, string path, Exception exception);

    /// <summary>The file can be written again.</summary>
    [LoggerMessage(6021, LogLevel.Warning, "Events are written to {Path} again; {Dropped} were dropped since the start")]
    public static partial void FileWritten(ILogger logger, string path, long dropped);

    /// <summary>A webhook does not take events.</summary>
    [LoggerMessage(6022, LogLevel.Warning, "The webhook {Url} does not take events: {Problem}; they wait, and it is tried again")]
    public static partial void WebhookAway(ILogger logger, string url, string problem);

    /// <summary>A webhook takes no events until somebody has put something right.</summary>
    [LoggerMessage(6026, LogLevel.Error, "The webhook {Url} takes no events: {Problem}, which its address or token has to be put right for; {Room} of them wait for that at most, and it is tried again now and then")]
    public static partial void WebhookNeedsSomebody(ILogger logger, string url, string problem, int room);

    /// <summary>A webhook takes events again.</summary>
    [LoggerMessage(6023, LogLevel.Warning, "The webhook {Url} takes events again; {Dropped} were dropped since the start")]
    public static partial void WebhookBack(ILogger logger, string url, long dropped);

    /// <summary>A webhook refused events for good.</summary>
    [LoggerMessage(6024, LogLevel.Error, "The webhook {Url} refused {Events} events: {Problem}; they are dropped")]
    public static partial void WebhookRefused(ILogger logger, string url, int events, string problem);

    /// <summary>Events are lost at the end.</summary>
    [LoggerMessage(6025, LogLevel.Error, "Stopping although {Events} events for the webhook {Url} were not taken")]
    public static partial void WebhookLeft(ILogger logger, string url, int events);
}
