using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using SlimtaFast.Edge.Sessions;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Http;

namespace SlimtaFast.Edge.Http.Requests;

/// <summary>
/// Writes answers: the reply in a header field, and the HTTP status that says the same to whoever does not read it. Never a body, because
/// python-slimta's client does not read one away and could not use its connection again.
/// </summary>
internal static class ResponseWriter
{
    /// <summary>Answers with a reply.</summary>
    /// <param name="context">The request.</param>
    /// <param name="reply">The answer to the message.</param>
    /// <param name="perRecipient">Answers for each recipient, an empty one standing for <paramref name="reply"/>; null for none.</param>
    /// <param name="edge">Tells what clients may authenticate with.</param>
    public static void Write(HttpContext context, SmtpReply reply, SmtpReply[]? perRecipient, EdgeResources edge)
    {
        HttpResponse response = context.Response;
        response.StatusCode = GetStatus(reply);
        response.Headers[HttpHeaderNames.Reply] = ReplyHeader.Format(reply);
        response.Headers[HttpHeaderNames.Extensions] = Extensions(edge.Session);
        if (response.StatusCode == StatusCodes.Status401Unauthorized)
        {
            // Whoever is asked for a password shows it: not where it would be in clear, nor where it would not help.
            if (MayAuthenticate(context, edge.Session))
                response.Headers.WWWAuthenticate = Challenge(edge.Session);
            else
                response.StatusCode = StatusCodes.Status403Forbidden;
        }

        if (response.StatusCode != StatusCodes.Status204NoContent)
            response.ContentLength = 0;
        if (perRecipient is null)
            return;
        var fields = new List<string>();
        for (int i = 0; i < perRecipient.Length; i++)
        {
            if (!perRecipient[i].IsNone && perRecipient[i] != reply)
                fields.Add(ReplyHeader.FormatForRecipient(i, perRecipient[i]));
        }

        if (fields.Count > 0)
            response.Headers[HttpHeaderNames.RecipientReply] = new StringValues([.. fields]);
    }

    /// <summary>Answers with a bare status.</summary>
    public static void Write(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Response.ContentLength = 0;
    }

    /// <summary>
    /// python-slimta's statuses for 2xx, 4xx and 535; for the others the nearest one that says "do not try again", which its client takes the
    /// same way as its 500, because it reads the reply first.
    /// </summary>
    public static int GetStatus(SmtpReply reply) => reply.Code switch
    {
        < 300 => StatusCodes.Status204NoContent,
        530 or 535 => StatusCodes.Status401Unauthorized,
        552 when reply.Status.Subject == 3 => StatusCodes.Status413PayloadTooLarge,
        500 or 501 or 504 or 555 => StatusCodes.Status400BadRequest,
        538 => StatusCodes.Status403Forbidden,
        >= 500 when reply.Status.Subject == 7 => StatusCodes.Status403Forbidden,
        >= 500 => StatusCodes.Status422UnprocessableEntity,
        _ => StatusCodes.Status503ServiceUnavailable,
    };

    private static bool MayAuthenticate(HttpContext context, SmtpServerOptions session)
    {
        bool isSecure = context.Features.Get<ITlsHandshakeFeature>() is not null;
        return session.Auth is { } auth && (isSecure || (auth.AllowPlaintext && !session.RequireTls));
    }

    private static string Extensions(SmtpServerOptions session) =>
        "DSN SMTPUTF8 8BITMIME" + (session.DeliverBy ? " DELIVERBY" : "") + (session.MtPriority ? " MT-PRIORITY" : "") + (session.BinaryMime ? " BINARYMIME" : "");

    private static StringValues Challenge(SmtpServerOptions session)
    {
        IReadOnlyList<string> mechanisms = session.Auth?.Mechanisms ?? [];
        var challenges = new List<string>(2);
        if (mechanisms.Contains(SaslMechanisms.Plain))
            challenges.Add($"Basic realm=\"{session.HostName}\", charset=\"UTF-8\"");
        if (mechanisms.Contains(SaslMechanisms.OAuthBearer))
            challenges.Add($"Bearer realm=\"{session.HostName}\"");
        return new StringValues([.. challenges]);
    }
}
