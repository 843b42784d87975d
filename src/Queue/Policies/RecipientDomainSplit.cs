using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Policies;

/// <summary>
/// Makes a part for each recipient domain, in the order of their first recipients. The queue does so too, behind the policies: this is for
/// policies behind it that are to see each part by itself.
/// </summary>
internal sealed class RecipientDomainSplit : IQueuePolicy
{
    /// <inheritdoc/>
    public ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        Envelope envelope = message.Envelope;
        if (envelope.Recipients.Count < 2)
            return ValueTask.CompletedTask;
        Recipient[][] groups = [.. envelope.Recipients.GroupBy(static recipient => recipient.Address.GetRoutingDomain()).Select(static group => group.ToArray())];
        if (groups.Length > 1)
            message.Split([.. groups.Select(group => envelope with { Recipients = group })]);
        return ValueTask.CompletedTask;
    }
}
