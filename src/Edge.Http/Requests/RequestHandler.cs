using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using SlimtaFast.Edge.Diagnostics;
using SlimtaFast.Edge.Http.Connections;
using SlimtaFast.Edge.Sessions;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Http;

namespace SlimtaFast.Edge.Http.Requests;

/// <summary>
/// Serves requests: what HTTP can judge first (path, method, type), then the envelope step by step as an SMTP session would have it, then the
/// content, and the queue's answer last. To hooks and limits each request is a session. Thread-safe; what belongs to a request is in its call.
/// </summary>
internal sealed class RequestHandler(EdgeResources edge)
{
    private const string MessageType = "message/rfc822";

    private static readonly SmtpReply Fault = new(421, "4.3.0", "Internal error");
    private static readonly SmtpReply TooSlow = new(421, "4.4.2", "Too slow");
    private static readonly SmtpReply BadRequest = new(501, "5.5.2", "Malformed body");
    private static readonly SmtpReply BadAuthorization = new(501, "5.5.2", "Authorization is neither Basic nor Bearer");

    /// <summary>What the requests have in common with the sessions of SMTP.</summary>
    public EdgeResources Edge => edge;

    /// <summary>Serves one request to its end. Nothing that happens inside is told to the client, and nothing escapes.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        HttpClientConnection connection = context.Features.Get<HttpClientConnection>() ?? throw new InvalidOperationException("The connection came by no gate.");
        if (IsSlimtaRelay(context.Request.Headers))
            context.Response.Headers.Connection = "close";
        if (JudgeRequest(context.Request, connection.Listener) is var status and not 0)
        {
            if (status == StatusCodes.Status405MethodNotAllowed)
                context.Response.Headers.Allow = HttpMethods.Post;
            Note(connection, RefusalReason.BadSyntax, $"HTTP {status}");
            ResponseWriter.Write(context, status);
            return;
        }

        EdgeSession handler = edge.Hooks.IsEmpty ? new EdgeSession(edge) : new HookedSession(edge);
        using GatewaySession gateway = MakeGateway(context, connection, handler);
        SessionEndReason reason = SessionEndReason.Fault;
        try
        {
            reason = await ServeAsync(context, connection, gateway);
        }
#pragma warning disable CA1031 // The outermost frame of a request: whatever escapes from one client's request is logged and ends that request only.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            edge.Log.SessionFailed(gateway.Session.Id, connection.RemoteEndPoint, failure);
            Answer(context, Fault, null);
        }
        finally
        {
            gateway.End(reason);
            edge.Metrics.SessionEnded(reason);
            edge.Log.ConnectionEnded(gateway.Session.Id, connection.RemoteEndPoint, reason, handler.LastRefusal, handler.Accepted);
        }
    }

    // python-slimta's relay never takes an answer to its end, so that its HTTP library fails at the next message on the connection and that one's
    // delivery hangs for ever; behind Connection: close it makes another. It is known by what Python's library says of itself: nothing but this.
    private static bool IsSlimtaRelay(IHeaderDictionary headers) =>
        headers.AcceptEncoding == "identity" && !headers.ContainsKey("User-Agent") && !headers.ContainsKey(HttpHeaderNames.Partial);

    // 0 where the request may be served.
    private static int JudgeRequest(HttpRequest request, HttpEdgeListener listener)
    {
        if (!listener.Accepts(request.Path.Value ?? ""))
            return StatusCodes.Status404NotFound;
        if (!HttpMethods.IsPost(request.Method))
            return StatusCodes.Status405MethodNotAllowed;
        ReadOnlySpan<char> type = request.ContentType;
        int semicolon = type.IndexOf(';');
        type = (semicolon < 0 ? type : type[..semicolon]).Trim();
        if (!type.IsEmpty && !type.Equals(MessageType, StringComparison.OrdinalIgnoreCase))
            return StatusCodes.Status415UnsupportedMediaType;
        string encoding = request.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            return StatusCodes.Status415UnsupportedMediaType;
        bool hasBody = request.ContentLength is not null || request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;
        return hasBody ? 0 : StatusCodes.Status411LengthRequired;
    }

    private GatewaySession MakeGateway(HttpContext context, HttpClientConnection connection, EdgeSession handler)
    {
        string? tls = context.Features.Get<ITlsHandshakeFeature>() is { } facts
            ? $"{(facts.Protocol == System.Security.Authentication.SslProtocols.Tls13 ? "TLSv1.3" : "TLSv1.2")} {facts.NegotiatedCipherSuite}"
            : null;
        // Behind a reverse proxy every client has its address: nobody relays by an address that is not his. An address that gives no right stays,
        // so that no field takes anybody out of the limits of his own.
        IHeaderDictionary headers = context.Request.Headers;
        bool isForwarded = headers.ContainsKey("X-Forwarded-For") || headers.ContainsKey("Forwarded") || headers.ContainsKey("X-Real-IP") || headers.ContainsKey("Via");
        bool isHidden = isForwarded && edge.Permission.IsTrusted((connection.RemoteEndPoint as IPEndPoint)?.Address);
        return new GatewaySession(new RequestConnection(connection, tls, isHidden), tls is null ? "HTTP" : "HTTPS", handler, edge.Session, edge.Time, connection.Proxy, edge.SessionIds.Next());
    }

    private async Task<SessionEndReason> ServeAsync(HttpContext context, HttpClientConnection connection, GatewaySession gateway)
    {
        if (edge.Stopping.IsCancellationRequested)
        {
            Note(connection, RefusalReason.Stopping, EdgeReplies.Stopping.ToString());
            return Answer(context, EdgeReplies.Stopping, null);
        }

        if (!EnvelopeFields.TryRead(context.Request.Headers, edge.Session.MaxRecipients, out EnvelopeFields? fields, out SmtpReply malformed))
        {
            Note(connection, malformed.IsTransient ? RefusalReason.TooManyRecipients : RefusalReason.BadSyntax, malformed.ToString());
            return Answer(context, malformed, null);
        }

        if (fields.QueueId is { } id)
            edge.Log.Named(gateway.Session.Id, connection.RemoteEndPoint, id);
        SmtpReply reply = await OpenAsync(context, connection, gateway, fields);
        if (gateway.IsDropped)
            return Drop(context);
        if (IsRefusal(reply))
            return Answer(context, reply, null);
        (reply, SmtpReply[] each, List<int> taken) = await NameRecipientsAsync(gateway, fields);
        if (gateway.IsDropped)
            return Drop(context);
        if (IsRefusal(reply))
            return Answer(context, reply, fields.AllowsPartial ? each : null);
        reply = await gateway.DataAsync(CancellationToken.None);
        if (gateway.IsDropped)
            return Drop(context);
        if (IsRefusal(reply))
            return Answer(context, reply, each);
        BodyProblem problem = await ReceiveAsync(context, gateway);
        if (problem != BodyProblem.None)
            return Break(context, problem);

        // From here on the message is whole: it is brought to its end whether or not the client still waits.
        reply = await gateway.FinishAsync(CancellationToken.None);
        if (gateway.IsDropped)
            return Drop(context);
        for (int i = 0; i < taken.Count && gateway.PerRecipientReplies is { } answers && i < answers.Count; i++)
            each[taken[i]] = answers[i];
        return Answer(context, reply, each);
    }

    // Everything before the recipients.
    private async Task<SmtpReply> OpenAsync(HttpContext context, HttpClientConnection connection, GatewaySession gateway, EnvelopeFields fields)
    {
        SmtpReply reply = await gateway.ConnectAsync(CancellationToken.None);
        if (IsRefusal(reply) || gateway.IsDropped)
            return reply;
        if (gateway.Session.IsExempt && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        reply = await gateway.HelloAsync(fields.HelloName ?? NameByAddress(gateway.Session.Client.Address), CancellationToken.None);
        if (IsRefusal(reply) || gateway.IsDropped)
            return reply;
        string field = context.Request.Headers.Authorization.ToString();
        if (field.Length > 0)
        {
            if (Authorization.Read(field) is not { } shown)
            {
                Note(connection, RefusalReason.BadSyntax, BadAuthorization.ToString());
                return BadAuthorization;
            }

            reply = await gateway.AuthenticateAsync(shown.UserName, shown.Secret, CancellationToken.None);
            if (IsRefusal(reply) || gateway.IsDropped)
                return reply;
        }

        return await gateway.MailAsync(fields.Sender, fields.Parameters, context.Request.ContentLength, fields.UsesUtf8, CancellationToken.None);
    }

    // A client that reads one answer only must never be told that a message was taken which one of its recipients will not get.
    private static async Task<(SmtpReply Reply, SmtpReply[] Each, List<int> Taken)> NameRecipientsAsync(GatewaySession gateway, EnvelopeFields fields)
    {
        var each = new SmtpReply[fields.Recipients.Count];
        var taken = new List<int>(each.Length);
        SmtpReply refusal = default;
        for (int i = 0; i < each.Length; i++)
        {
            RecipientField recipient = fields.Recipients[i];
            SmtpReply reply = await gateway.RecipientAsync(recipient.Address, recipient.Parameters, CancellationToken.None);
            if (gateway.IsDropped)
                return (reply, each, taken);
            if (!IsRefusal(reply))
            {
                taken.Add(i);
                continue;
            }

            each[i] = reply;
            refusal = refusal.IsNone ? reply : refusal;
            if (!fields.AllowsPartial || reply.Closes)
                return (reply, new SmtpReply[each.Length], taken);
        }

        return (taken.Count == 0 ? refusal : default, each, taken);
    }

    private static async Task<BodyProblem> ReceiveAsync(HttpContext context, GatewaySession gateway)
    {
        PipeReader body = context.Request.BodyReader;
        try
        {
            while (true)
            {
                ReadResult result = await body.ReadAsync(context.RequestAborted);
                bool wantsMore = true;
                foreach (ReadOnlyMemory<byte> piece in result.Buffer)
                {
                    // What the medium has begun it ends: the client's leaving is no fault of it.
                    wantsMore = await gateway.WriteAsync(piece, CancellationToken.None);
                    if (!wantsMore)
                        break;
                }

                body.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted || !wantsMore)
                    return BodyProblem.None;
            }
        }
        catch (BadHttpRequestException broken)
        {
            return broken.StatusCode == StatusCodes.Status408RequestTimeout ? BodyProblem.TooSlow : BodyProblem.Malformed;
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            return BodyProblem.ClientGone;
        }
    }

    private SessionEndReason Break(HttpContext context, BodyProblem problem)
    {
        switch (problem)
        {
            case BodyProblem.TooSlow:
                Answer(context, TooSlow, null);
                context.Response.StatusCode = StatusCodes.Status408RequestTimeout;
                return SessionEndReason.TooSlow;
            case BodyProblem.Malformed:
                Answer(context, BadRequest, null);
                return SessionEndReason.ClientGone;
            default:
                context.Abort();
                return SessionEndReason.ClientGone;
        }
    }

    private static SessionEndReason Drop(HttpContext context)
    {
        context.Abort();
        return SessionEndReason.Dropped;
    }

    private SessionEndReason Answer(HttpContext context, SmtpReply reply, SmtpReply[]? each)
    {
        if (!context.Response.HasStarted)
        {
            ResponseWriter.Write(context, reply, each, edge);
            if (reply.Closes)
                context.Response.Headers.Connection = "close";
        }

        return reply.Closes ? SessionEndReason.Refused : SessionEndReason.Quit;
    }

    private void Note(HttpClientConnection connection, RefusalReason reason, string reply)
    {
        edge.Metrics.Refused(RefusedThing.Command, reason);
        edge.Log.CommandRefused(default, (connection.RemoteEndPoint as IPEndPoint)?.Address, reason, reply);
    }

    private static bool IsRefusal(SmtpReply reply) => !reply.IsNone && (!reply.IsPositive || reply.Closes);

    // As python-slimta has it; an IPv6 address as the literal of RFC 5321 section 4.1.3.
    private static string NameByAddress(IPAddress? address) => address switch
    {
        null => "[unknown]",
        { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 } => $"[IPv6:{address}]",
        _ => $"[{address}]",
    };
}
