using System.Net;
using Microsoft.Extensions.Logging;

namespace SlimtaFast.Edge.Diagnostics;

/// <summary>Log lines of the SPF check, ids 1040 to 1049.</summary>
internal static partial class SpfLog
{
    [LoggerMessage(1040, LogLevel.Debug, "SPF of <{Sender}> from client {Client} ({Hello}): {Result}: {Reason}")]
    public static partial void Found(ILogger logger, IPAddress client, string hello, string sender, string result, string reason);

    [LoggerMessage(1041, LogLevel.Trace, "SPF evaluation\n{Tree}")]
    public static partial void Evaluated(ILogger logger, EvaluationText tree);
}
