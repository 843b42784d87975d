using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Policies;

/// <summary>
/// Follows the aliases of one message's recipients, each from its own address on, so that none vanishes in a loop. An address that comes up
/// in its own alias is meant as itself; one that was met before on the way gives nothing more. Not thread-safe.
/// </summary>
internal sealed class AliasExpansion(int maxDepth, int maxRecipients, Func<Mailbox, ValueTask<Mailbox[]?>> find)
{
    private readonly Dictionary<Mailbox, Mailbox[]?> _found = [];
    private readonly HashSet<Mailbox> _final = [];
    private readonly HashSet<Mailbox> _met = [];
    private bool _isChanged;
    private bool _isSomebody;

    /// <summary>The recipients so far, each address once.</summary>
    public List<Recipient> Recipients { get; } = [];

    /// <summary>Follows the aliases of all.</summary>
    public async ValueTask<AliasOutcome> ExpandAsync(IReadOnlyList<Recipient> recipients)
    {
        foreach (Recipient recipient in recipients)
        {
            _met.Clear();
            _isSomebody = false;
            AliasOutcome outcome = await FollowAsync(recipient, recipient.Address, 0);
            if (outcome != AliasOutcome.Unchanged)
                return outcome;
            // Aliases that name only each other.
            if (!_isSomebody)
                return AliasOutcome.TooDeep;
        }

        return _isChanged ? AliasOutcome.Changed : AliasOutcome.Unchanged;
    }

    private async ValueTask<AliasOutcome> FollowAsync(Recipient recipient, Mailbox address, int depth)
    {
        if (!_met.Add(address))
            return AliasOutcome.Unchanged;
        if (!_found.TryGetValue(address, out Mailbox[]? targets))
            _found[address] = targets = await find(address);
        if (targets is null)
            return Keep(Forwarding.Forward(recipient, address));
        if (depth == maxDepth)
            return AliasOutcome.TooDeep;
        _isChanged = true;
        foreach (Mailbox target in targets)
        {
            AliasOutcome outcome = target == address ? Keep(Forwarding.Forward(recipient, target)) : await FollowAsync(recipient, target, depth + 1);
            if (outcome != AliasOutcome.Unchanged)
                return outcome;
        }

        return AliasOutcome.Unchanged;
    }

    // Unchanged to go on.
    private AliasOutcome Keep(Recipient recipient)
    {
        _isSomebody = true;
        if (_final.Add(recipient.Address))
            Recipients.Add(recipient);
        return _isChanged && Recipients.Count > maxRecipients ? AliasOutcome.TooMany : AliasOutcome.Unchanged;
    }
}
