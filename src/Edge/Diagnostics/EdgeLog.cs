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

    [LoggerMessage(1040, LogLevel.Warning, "Connection from {Client} ended: it sent a PROXY header, which none but the listed proxies may, and only first of all")]
    public partial void UntrustedProxy(EndPoint? client);

    [LoggerMessage(1041, LogLevel.Debug, "Connection from {Client} to {Destination} by way of proxy {Proxy}, TLS there: {Tls}")]
    public partial void Proxied(EndPoint? client, EndPoint? destination, EndPoint? proxy, string tls);

    [LoggerMessage(1042, LogLevel.Debug, "Client {Client} spoke out of turn: {Where}")]
    public partial void EarlyInput(EndPoint? client, EarlyInput where);

    [LoggerMessage(1043, LogLevel.Debug, "{Proxy} forwards for {Client}")]
    public partial void Forwarded(EndPoint? proxy, ForwardedClient? client);

    [LoggerMessage(1044, LogLevel.Debug, "{Proxy} speaks for {Client} (XCLIENT)")]
    public partial void SpeaksFor(EndPoint? proxy, EndPoint? client);

    [LoggerMessage(1010, LogLevel.Information, "Client {Client} authenticated as {User} by {Mechanism}")]
    public partial void Authenticated(IPAddress? client, string user, string mechanism);

    [LoggerMessage(1011, LogLevel.Warning, "Client {Client} failed to authenticate as {User} by {Mechanism}: {Outcome}")]
    public partial void AuthenticationFailed(IPAddress? client, string user, string mechanism, AuthenticationOutcome outcome);

    [LoggerMessage(1012, LogLevel.Warning, "Client {Client} was not let authenticate by {Mechanism}: too many failures from there")]
    public partial void AuthenticationShutOut(IPAddress? client, string mechanism);

    [LoggerMessage(1013, LogLevel.Error, "Client {Client} could not be authenticated by {Mechanism}: store or validator failed")]
    public partial void AuthenticationUnavailable(IPAddress? client, string mechanism, Exception exception);

    [LoggerMessage(1014, LogLevel.Information, "Token of client {Client} for {User} refused: {Reason}")]
    public partial void TokenRefused(IPAddress? client, string user, string reason);

    [LoggerMessage(1007, LogLevel.Information, "TLS with {Client} failed: {Problem}")]
    public partial void TlsFailed(EndPoint? client, string problem);
}
