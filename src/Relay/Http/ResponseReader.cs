using System.Net;
using System.Net.Http.Headers;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Http;
using SlimtaFast.Relay.Outcome;

namespace SlimtaFast.Relay.Http;

/// <summary>Turns the head of a response into an answer. Pure; no response makes it throw.</summary>
internal static class ResponseReader
{
    private static readonly HttpAnswer Contradiction = new(
        OutcomeKind.Transient, new SmtpReply(451, "4.5.0", "The next hop's HTTP status and its reply contradict each other"), PossiblyDelivered: true);

    private static readonly HttpAnswer Unreadable = new(
        OutcomeKind.Transient, new SmtpReply(451, "4.5.0", "The next hop's reply cannot be read"), PossiblyDelivered: true);

    /// <summary>What the response says to a request with so many recipients.</summary>
    public static HttpAnswer Read(HttpResponseMessage response, int recipients)
    {
        HttpHeadersNonValidated headers = response.Headers.NonValidated;
        HttpAnswer answer = HttpStatusClassifier.Classify(
            (int)response.StatusCode, response.ReasonPhrase, First(headers, "Retry-After"), First(headers, "Location"));
        if (First(headers, HttpHeaderNames.Reply) is { } text)
        {
            if (ReplyHeader.TryParse(text, out SmtpReply reply))
                answer = Judge(answer, response.StatusCode, reply);
            else if (answer.Kind == OutcomeKind.Delivered)
                return Unreadable;
        }

        string extensions = First(headers, HttpHeaderNames.Extensions) ?? "";
        answer = answer with { ReportsSuccess = HasKeyword(extensions, "DSN"), KeepsDeadline = HasKeyword(extensions, "DELIVERBY") };
        if (!headers.TryGetValues(HttpHeaderNames.RecipientReply, out HeaderStringValues values))
            return answer;
        var replies = new SmtpReply[recipients];
        foreach (string value in values)
        {
            // Anything that cannot be read may have been a refusal, which must not pass for a delivery.
            if (!ReplyHeader.TryParseForRecipients(value, replies))
                return Unreadable;
        }

        return answer with { PerRecipient = replies };
    }

    private static HttpAnswer Judge(HttpAnswer byStatus, HttpStatusCode status, SmtpReply reply)
    {
        if (status is HttpStatusCode.Unauthorized or HttpStatusCode.ProxyAuthenticationRequired)
            return byStatus with { Reply = reply.IsPositive ? byStatus.Reply : reply };
        OutcomeKind kind = ReplyClassifier.Classify(new SmtpRecipientReply(reply, SmtpClientStage.Final));
        // A refusal in mail's own terms counts, whatever its status; a positive one needs a status that agrees.
        if (kind == OutcomeKind.Delivered && byStatus.Kind != OutcomeKind.Delivered)
            return Contradiction;
        return new HttpAnswer(kind, reply, ReplyClassifier.AsksForLess(reply) ? HopCondition.Busy : HopCondition.Up);
    }

    private static string? First(HttpHeadersNonValidated headers, string name)
    {
        if (!headers.TryGetValues(name, out HeaderStringValues values))
            return null;
        foreach (string value in values)
            return value;
        return null;
    }

    private static bool HasKeyword(ReadOnlySpan<char> list, string keyword)
    {
        foreach (Range word in list.Split(' '))
        {
            if (list[word].Equals(keyword, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
