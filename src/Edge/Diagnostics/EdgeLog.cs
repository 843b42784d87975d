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

    [LoggerMessage(1001, LogLevel.Debug, "Connection from {Client} ended: {Reason} (last refusal: {Refusal}), {Messages} messages accepted, session {Session}")]
    public partial void ConnectionEnded(SessionId session, EndPoint? client, SessionEndReason reason, RefusalReason refusal, int messages);

    [LoggerMessage(1002, LogLevel.Information, "Connection from {Client} refused: {Reason}")]
    public partial void ConnectionRefused(EndPoint? client, RefusalReason reason);

    [LoggerMessage(1003, LogLevel.Information, "{Thing} refused: client {Client} ({HelloName}), session {Session}, from <{Sender}>, to <{Recipient}>: {Reason}: {Reply}")]
    public partial void Refused(SessionId session, RefusedThing thing, IPAddress? client, string helloName, string sender, string recipient, RefusalReason reason, string reply);

    [LoggerMessage(1004, LogLevel.Error, "Session with {Client} failed, session {Session}")]
    public partial void SessionFailed(SessionId session, EndPoint? client, Exception exception);

    [LoggerMessage(1005, LogLevel.Error, "The content of a message from {Client} could not be kept, session {Session}")]
    public partial void ContentFailed(SessionId session, EndPoint? client, Exception exception);

    [LoggerMessage(1006, LogLevel.Warning, "{Count} connections did not end in time and were cut")]
    public partial void ConnectionsCut(int count);

    [LoggerMessage(1040, LogLevel.Warning, "Connection from {Client} ended: it sent a PROXY header, which none but the listed proxies may, and only first of all, session {Session}")]
    public partial void UntrustedProxy(SessionId session, EndPoint? client);

    [LoggerMessage(1041, LogLevel.Debug, "Connection from {Client} to {Destination} by way of proxy {Proxy}, TLS there: {Tls}")]
    public partial void Proxied(EndPoint? client, EndPoint? destination, EndPoint? proxy, string tls);

    [LoggerMessage(1042, LogLevel.Debug, "Client {Client} spoke out of turn: {Where}, session {Session}")]
    public partial void EarlyInput(SessionId session, EndPoint? client, EarlyInput where);

    [LoggerMessage(1043, LogLevel.Debug, "{Proxy} forwards for {Client}, session {Session}")]
    public partial void Forwarded(SessionId session, EndPoint? proxy, ForwardedClient? client);

    [LoggerMessage(1044, LogLevel.Debug, "{Proxy} speaks for {Client} (XCLIENT), session {Session}")]
    public partial void SpeaksFor(SessionId session, EndPoint? proxy, EndPoint? client);

    [LoggerMessage(1045, LogLevel.Debug, "Client {Client} names its message {Id}, session {Session}")]
    public partial void Named(SessionId session, EndPoint? client, string id);

    [LoggerMessage(1010, LogLevel.Information, "Client {Client} authenticated as {User} by {Mechanism}, session {Session}")]
    public partial void Authenticated(SessionId session, IPAddress? client, string user, string mechanism);

    [LoggerMessage(1011, LogLevel.Warning, "Client {Client}, session {Session}, failed to authenticate as {User} by {Mechanism}: {Outcome}")]
    public partial void AuthenticationFailed(SessionId session, IPAddress? client, string user, string mechanism, AuthenticationOutcome outcome);

    [LoggerMessage(1012, LogLevel.Warning, "Client {Client} was not let authenticate by {Mechanism}: too many failures from there, session {Session}")]
    public partial void AuthenticationShutOut(SessionId session, IPAddress? client, string mechanism);

    [LoggerMessage(1015, LogLevel.Warning, "Client {Client} was not let authenticate as {User} by {Mechanism}: too many failures of that user, session {Session}")]
    public partial void AccountShutOut(SessionId session, IPAddress? client, string user, string mechanism);

    [LoggerMessage(1013, LogLevel.Error, "Client {Client} could not be authenticated by {Mechanism}: store or validator failed, session {Session}")]
    public partial void AuthenticationUnavailable(SessionId session, IPAddress? client, string mechanism, Exception exception);

    [LoggerMessage(1014, LogLevel.Information, "Token of client {Client}, session {Session}, for {User} refused: {Reason}")]
    public partial void TokenRefused(SessionId session, IPAddress? client, string user, string reason);

    [LoggerMessage(1007, LogLevel.Information, "TLS with {Client}, session {Session}, failed: {Problem}")]
    public partial void TlsFailed(SessionId session, EndPoint? client, string problem);

    [LoggerMessage(1020, LogLevel.Debug, "Command of client {Client}, session {Session}, refused: {Reason}: {Reply}")]
    public partial void CommandRefused(SessionId session, IPAddress? client, RefusalReason reason, string reply);

    [LoggerMessage(1021, LogLevel.Warning, "{Resource} is short: {Left} left, at least {Least} wanted; no more mail is taken")]
    public partial void ResourceShort(LoadResource resource, double left, double least);

    [LoggerMessage(1022, LogLevel.Warning, "{Resource} is no longer short: {Left} left; mail is taken again")]
    public partial void ResourceBack(LoadResource resource, double left);

    [LoggerMessage(1023, LogLevel.Error, "How much is left of {Resource} could not be found out")]
    public partial void GaugeFailed(LoadResource resource, Exception exception);

    [LoggerMessage(1024, LogLevel.Warning, "A hook's answer to a queued message was not used: {Reply} after {Answer}, session {Session}")]
    public partial void QueuedAnswerIgnored(SessionId session, string reply, string answer);

    [LoggerMessage(1025, LogLevel.Error, "A hook failed after the queue had answered {Answer}, which the client is told, session {Session}")]
    public partial void QueuedHookFailed(SessionId session, string answer, Exception exception);

    [LoggerMessage(1026, LogLevel.Information, "{Id} from <{Sender}>, client {Client}, discarded by a hook, session {Session}")]
    public partial void Discarded(SessionId session, QueueId id, EndPoint? client, string sender);
}
