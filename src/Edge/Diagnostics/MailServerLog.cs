using Microsoft.Extensions.Logging;

namespace SlimtaFast.Edge.Diagnostics;

/// <summary>The log lines of a mail server as a whole, ids 1100 to 1119.</summary>
internal static partial class MailServerLog
{
    [LoggerMessage(1100, LogLevel.Error, "Code on a connection's thread failed and nobody waited for it")]
    public static partial void UnobservedFault(ILogger logger, Exception exception);
}
