using System.Globalization;
using SlimtaFast.Mail;
using SlimtaFast.Relay.Http;

namespace SlimtaFast.Relay.Outcome;

/// <summary>
/// Decides what an HTTP status means where the server gave no reply in mail's own terms: 2xx is a delivery, 4xx is permanent and the rest
/// transient, as python-slimta has it, save where the status speaks of us, of the URL, or of the moment, and not of the message.
/// </summary>
internal static class HttpStatusClassifier
{
    /// <summary>What a status means.</summary>
    /// <param name="status">100 to 599.</param>
    /// <param name="reason">The reason phrase; may be empty.</param>
    /// <param name="retryAfter">When the server asked to be tried again, as text, or null.</param>
    /// <param name="location">Where a redirect leads to, or null.</param>
    public static HttpAnswer Classify(int status, string? reason, string? retryAfter, string? location)
    {
        switch (status)
        {
            case >= 200 and < 300:
                return Make(OutcomeKind.Delivered, 250, new EnhancedStatus(2, 0, 0), status, reason, retryAfter);
            case >= 300 and < 400:
                // A message goes where the operator said, and nowhere else.
                return Make(OutcomeKind.Transient, 451, new EnhancedStatus(4, 3, 5), status, location is null ? reason : $"redirects to {location}, which is not followed", retryAfter);
            case 401 or 407:
                // Wrong credentials are ours to mend, and no message's fault: mail waits until they are right.
                return Make(OutcomeKind.Transient, 451, new EnhancedStatus(4, 7, 8), status, reason, retryAfter) with { Hop = HopCondition.Down };
            case 403:
                return Make(OutcomeKind.Transient, 451, new EnhancedStatus(4, 7, 1), status, reason, retryAfter);
            case 404 or 405 or 417 or 426:
                // The URL, or what listens there, is not what was configured.
                return Make(OutcomeKind.Transient, 451, new EnhancedStatus(4, 3, 5), status, reason, retryAfter);
            case 408 or 425:
                return Make(OutcomeKind.Transient, 451, new EnhancedStatus(4, 4, 2), status, reason, retryAfter);
            case 409 or 423:
                return Make(OutcomeKind.Transient, 450, new EnhancedStatus(4, 0, 0), status, reason, retryAfter);
            case 421 or 429 or 503:
                return Make(OutcomeKind.Transient, 450, new EnhancedStatus(4, 3, 2), status, reason, retryAfter) with { Hop = HopCondition.Busy };
            case 413:
                return Make(OutcomeKind.Permanent, 552, new EnhancedStatus(5, 3, 4), status, reason, retryAfter);
            case 415 or 422:
                return Make(OutcomeKind.Permanent, 554, new EnhancedStatus(5, 6, 0), status, reason, retryAfter);
            case >= 400 and < 500:
                return Make(OutcomeKind.Permanent, 550, new EnhancedStatus(5, 0, 0), status, reason, retryAfter);
            case 502 or 504:
                // A gateway speaks, and the server behind it may have taken the message.
                return Make(OutcomeKind.Transient, 451, new EnhancedStatus(4, 4, 2), status, reason, retryAfter) with { Hop = HopCondition.Busy, PossiblyDelivered = true };
            case 507:
                return Make(OutcomeKind.Transient, 452, new EnhancedStatus(4, 3, 1), status, reason, retryAfter);
            default:
                return Make(OutcomeKind.Transient, 450, new EnhancedStatus(4, 0, 0), status, reason, retryAfter);
        }
    }

    private static HttpAnswer Make(OutcomeKind kind, int code, EnhancedStatus enhanced, int status, string? reason, string? retryAfter)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"HTTP {status} {reason}").TrimEnd();
        if (retryAfter is not null)
            text += $" (retry after {retryAfter})";
        return new HttpAnswer(kind, SmtpReply.FromForeignText(code, enhanced, text));
    }
}
