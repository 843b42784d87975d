using System.Net;
using Microsoft.Extensions.Logging;
using SlimtaFast.Edge.Limits;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge.Diagnostics;

/// <summary>The log lines of an edge, ids 1000 to 1099. What is accepted is logged by the queue.</summary>
internal sealed partial class EdgeLog(ILogger logger)
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(1000, LogLevel.Information, "Listening on {EndPoint}")]
    public partial void Listening(EndPoint endPoint);

    [LoggerMessage(1001, LogLevel.Debug, "Connection from {Client} ended: {Reason}, {Messages} messages accepted")]
    public partial void ConnectionEnded(EndPoint? client, SessionEndReason reason, int messages);

    [LoggerMessage(1002, LogLevel.Warning, "Connection from {Client} refused: {Reason}")]
    public partial void ConnectionRefused(EndPoint? client, ConnectionRefusal reason);

    [LoggerMessage(1003, LogLevel.Information, "Relaying denied: client {Client}, from <{Sender}> to <{Recipient}>")]
    public partial void RelayDenied(IPAddress? client, string sender, string recipient);

    [LoggerMessage(1004, LogLevel.Error, "Session with {Client} failed")]
    public partial void SessionFailed(EndPoint? client, Exception exception);

    [LoggerMessage(1005, LogLevel.Error, "The content of a message from {Client} could not be kept")]
    public partial void ContentFailed(EndPoint? client, Exception exception);

    [LoggerMessage(1006, LogLevel.Warning, "{Count} connections did not end in time and were cut")]
    public partial void ConnectionsCut(int count);

    [LoggerMessage(1007, LogLevel.Information, "TLS with {Client} failed: {Problem}")]
    public partial void TlsFailed(EndPoint? client, string problem);
}
