using System.Net;
using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge.Diagnostics;

/// <summary>The log lines of an edge, ids 1000 to 1099. What is accepted is logged by the queue.</summary>
internal sealed partial class EdgeLog(ILogger logger)
{
    private readonly ILogger _logger = logger;

    /// <summary>True where refusals by the dialogue's own rules are logged, so that their replies need reading.</summary>
    public bool TellsRefusedCommands => _logger.IsEnabled(LogLevel.Debug);

    [LoggerMessage(1000, LogLevel.Information, "Listening on {EndPoint}")]
    public partial void Listening(EndPoint endPoint);

    [LoggerMessage(1001, LogLevel.Debug, "Connection from {Client} ended: {Reason} (last refusal: {Refusal}), {Messages} messages accepted")]
    public partial void ConnectionEnded(EndPoint? client, SessionEndReason reason, RefusalReason refusal, int messages);

    [LoggerMessage(1002, LogLevel.Information, "Connection from {Client} refused: {Reason}")]
    public partial void ConnectionRefused(EndPoint? client, RefusalReason reason);

    [LoggerMessage(1003, LogLevel.Information, "{Thing} refused: client {Client} ({HelloName}), from <{Sender}>, to <{Recipient}>: {Reason}: {Reply}")]
    public partial void Refused(RefusedThing thing, IPAddress? client, string helloName, string sender, string recipient, RefusalReason reason, string reply);

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

    [LoggerMessage(1045, LogLevel.Debug, "Client {Client} names its message {Id}")]
    public partial void Named(EndPoint? client, string id);

    [LoggerMessage(1010, LogLevel.Information, "Client {Client} authenticated as {User} by {Mechanism}")]
    public partial void Authenticated(IPAddress? client, string user, string mechanism);

    [LoggerMessage(1011, LogLevel.Warning, "Client {Client} failed to authenticate as {User} by {Mechanism}: {Outcome}")]
    public partial void AuthenticationFailed(IPAddress? client, string user, string mechanism, AuthenticationOutcome outcome);

    [LoggerMessage(1012, LogLevel.Warning, "Client {Client} was not let authenticate by {Mechanism}: too many failures from there")]
    public partial void AuthenticationShutOut(IPAddress? client, string mechanism);

    [LoggerMessage(1015, LogLevel.Warning, "Client {Client} was not let authenticate as {User} by {Mechanism}: too many failures of that user")]
    public partial void AccountShutOut(IPAddress? client, string user, string mechanism);

    [LoggerMessage(1013, LogLevel.Error, "Client {Client} could not be authenticated by {Mechanism}: store or validator failed")]
    public partial void AuthenticationUnavailable(IPAddress? client, string mechanism, Exception exception);

    [LoggerMessage(1014, LogLevel.Information, "Token of client {Client} for {User} refused: {Reason}")]
    public partial void TokenRefused(IPAddress? client, string user, string reason);

    [LoggerMessage(1007, LogLevel.Information, "TLS with {Client} failed: {Problem}")]
    public partial void TlsFailed(EndPoint? client, string problem);

    [LoggerMessage(1020, LogLevel.Debug, "Command of client {Client} refused: {Reason}: {Reply}")]
    public partial void CommandRefused(IPAddress? client, RefusalReason reason, string reply);

    [LoggerMessage(1021, LogLevel.Warning, "{Resource} is short: {Left} left, at least {Least} wanted; no more mail is taken")]
    public partial void ResourceShort(LoadResource resource, double left, double least);

    [LoggerMessage(1022, LogLevel.Warning, "{Resource} is no longer short: {Left} left; mail is taken again")]
    public partial void ResourceBack(LoadResource resource, double left);

    [LoggerMessage(1023, LogLevel.Error, "How much is left of {Resource} could not be found out")]
    public partial void GaugeFailed(LoadResource resource, Exception exception);

    [LoggerMessage(1024, LogLevel.Warning, "A hook's answer to a queued message was not used: {Reply} after {Answer}")]
    public partial void QueuedAnswerIgnored(string reply, string answer);

    [LoggerMessage(1025, LogLevel.Error, "A hook failed after the queue had answered {Answer}, which the client is told")]
    public partial void QueuedHookFailed(string answer, Exception exception);

    [LoggerMessage(1026, LogLevel.Information, "{Id} from <{Sender}>, client {Client}, discarded by a hook")]
    public partial void Discarded(QueueId id, EndPoint? client, string sender);
}
