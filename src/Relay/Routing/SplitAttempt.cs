using SlimtaFast.Mail;
using SlimtaFast.Relay.Outcome;

namespace SlimtaFast.Relay.Routing;

/// <summary>
/// An attempt whose recipients do not all go the same way, one way after the other. A queue splits by domain, so this is for those who use a relay
/// without one.
/// </summary>
internal static class SplitAttempt
{
    /// <summary>Tries each way's own recipients, and puts the outcomes together in their order.</summary>
    /// <param name="recipients">All of them.</param>
    /// <param name="choose">Which way a recipient goes.</param>
    /// <param name="attempt">Tries one way's recipients.</param>
    public static async ValueTask<DeliveryReport> RunAsync<TWay>(
        IReadOnlyList<Recipient> recipients, Func<Recipient, TWay> choose, Func<TWay, IReadOnlyList<Recipient>, ValueTask<DeliveryReport>> attempt)
    {
        var outcomes = new RecipientOutcome[recipients.Count];
        Array.Fill(outcomes, RelayFault.BrokenOff);
        var hop = HopCondition.Up;
        bool possiblyDelivered = false, isFirst = true;
        foreach (IGrouping<TWay, int> group in Enumerable.Range(0, recipients.Count).GroupBy(i => choose(recipients[i])))
        {
            int[] places = [.. group];
            DeliveryReport report;
            try
            {
                report = await attempt(group.Key, [.. places.Select(i => recipients[i])]);
            }
            catch (OperationCanceledException) when (!isFirst)
            {
                // What other ways reached must not be forgotten with this one.
                possiblyDelivered = true;
                break;
            }

            isFirst = false;
            for (int i = 0; i < places.Length; i++)
                outcomes[places[i]] = report.Outcomes[i];
            possiblyDelivered |= report.PossiblyDelivered;
            if (report.Hop == HopCondition.Busy)
                hop = HopCondition.Busy;
        }

        return new DeliveryReport(outcomes, hop, possiblyDelivered);
    }
}
