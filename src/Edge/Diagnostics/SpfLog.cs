using System.Net;
using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;

namespace SlimtaFast.Edge.Diagnostics;

/// <summary>Log lines of the SPF check, ids 1040 to 1049.</summary>
internal static partial class SpfLog
{
    [LoggerMessage(1040, LogLevel.Debug, "SPF of <{Sender}> from client {Client} ({Hello}), session {Session}: {Result}: {Reason}")]
    public static partial void Found(ILogger logger, SessionId session, IPAddress client, string hello, string sender, string result, string reason);

    [LoggerMessage(1041, LogLevel.Trace, "SPF evaluation, session {Session}\n{Tree}")]
    public static partial void Evaluated(ILogger logger, SessionId session, EvaluationText tree);
}
