using SlimtaFast.Mail;
using SlimtaFast.Relay.Smtp;

namespace SlimtaFast.Relay.Mx;

/// <summary>Where a domain's mail goes. Immutable.</summary>
/// <param name="Hosts">The hosts in the order in which they are tried; empty where there is none.</param>
/// <param name="Outcome">How an attempt ends where there is none.</param>
/// <param name="Hop">What that means for the domain.</param>
internal readonly record struct MxRoute(IReadOnlyList<Target> Hosts, RecipientOutcome Outcome = default, HopCondition Hop = HopCondition.Up)
{
    /// <summary>
    /// The route where a domain that takes no mail was named by an operator: that says nothing of the recipients, whose mail waits until the operator names another.
    /// </summary>
    public static MxRoute OfMistake(string domain, SmtpReply reply)
    {
        SmtpReply waits = SmtpReply.FromForeignText(451, new EnhancedStatus(4, 4, 4), $"There is no route by {domain}, as an operator wants: {reply.Text}");
        return new MxRoute([], new RecipientOutcome(OutcomeKind.Transient, waits), HopCondition.Down);
    }
}
