using SlimtaFast.Mail;
using SlimtaFast.Queue.Policies;

namespace SlimtaFast.Queue;

/// <summary>
/// Forwards recipients by rules: for each recipient the first rule counts that changes the address into something that is not empty.
/// Duplicates are removed, original recipients are kept for reports. A rule that makes something that is no address puts the message off
/// (451), because a rule can be mended. Thread-safe.
/// </summary>
public sealed class ForwardPolicy : IQueuePolicy
{
    private readonly ForwardRule[] _rules;

    /// <summary>Makes the policy of rules, which are tried in this order.</summary>
    public ForwardPolicy(IEnumerable<ForwardRule> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        _rules = [.. rules];
    }

    /// <inheritdoc/>
    public ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        IReadOnlyList<Recipient> before = message.Envelope.Recipients;
        Recipient[]? after = null;
        for (int i = 0; i < before.Count; i++)
        {
            Recipient forwarded = Forward(before[i]);
            if (!ReferenceEquals(forwarded, before[i]))
                (after ??= [.. before])[i] = forwarded;
        }

        if (after is not null)
            message.Replace(Forwarding.WithRecipients(message.Envelope, after));
        return ValueTask.CompletedTask;
    }

    private Recipient Forward(Recipient recipient)
    {
        foreach (ForwardRule rule in _rules)
        {
            string changed = rule.Apply(recipient.Address.Address);
            if (changed.Length > 0 && changed != recipient.Address.Address)
                return Forwarding.Forward(recipient, Forwarding.ReadAddress(changed, $"The rule {rule}"));
        }

        return recipient;
    }
}
