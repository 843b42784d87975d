using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Pipe;

/// <summary>What delivery to programs tells the log.</summary>
internal static partial class PipeLog
{
    /// <summary>A message could not be put where a program can read it.</summary>
    [LoggerMessage(EventId = 4010, Level = LogLevel.Warning, Message = "Message {Id} could not be made ready for its program")]
    public static partial void NotReady(ILogger logger, QueueId id, Exception problem);
}
