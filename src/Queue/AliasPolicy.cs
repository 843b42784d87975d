using SlimtaFast.Lookup;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Policies;

namespace SlimtaFast.Queue;

/// <summary>
/// Replaces recipients by what a lookup says of them: one address or several with commas between them. Asked are the address, the
/// address without its tag, and <c>@domain</c> (a catch-all). A value such as <c>@example.org</c> keeps the user and changes the domain.
/// What comes out is looked up again, up to a depth; an alias that names itself stays, so <c>bob</c> may be <c>bob, archive</c>.
/// Duplicates are removed, original recipients are kept for reports. Who has no alias stays. A lookup that fails, a value that is no
/// address, a chain that is too deep and too many recipients put the message off, because all of these can be mended here. Thread-safe.
/// </summary>
public sealed class AliasPolicy : IQueuePolicy
{
    private static readonly SmtpReply TooDeep = new(451, "4.4.6", "The aliases of a recipient lead too far, try again later");
    private static readonly SmtpReply TooMany = new(452, "4.5.3", "The aliases give too many recipients, try again later");

    private readonly ILookup _lookup;
    private readonly AliasOptions _options;

    /// <summary>Makes the policy.</summary>
    public AliasPolicy(ILookup lookup, AliasOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(lookup);
        _lookup = lookup;
        _options = options ?? new AliasOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.MaxDepth, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.MaxRecipients, 1, nameof(options));
    }

    /// <inheritdoc/>
    public async ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        var expansion = new AliasExpansion(_options.MaxDepth, _options.MaxRecipients, address => FindAsync(address, cancellationToken));
        switch (await expansion.ExpandAsync(message.Envelope.Recipients))
        {
            case AliasOutcome.TooDeep:
                message.Refuse(TooDeep);
                break;
            case AliasOutcome.TooMany:
                message.Refuse(TooMany);
                break;
            case AliasOutcome.Changed:
                message.Replace(Forwarding.WithRecipients(message.Envelope, expansion.Recipients));
                break;
            default:
                break;
        }
    }

    // The addresses that stand for one, or null where it has no alias.
    private async ValueTask<Mailbox[]?> FindAsync(Mailbox address, CancellationToken cancellationToken)
    {
        if (await _lookup.FindAsync(address.Address, cancellationToken) is { } own)
            return Read(own, address, address.LocalPart.ToString(), "");
        (string user, string tag) = SplitTag(address);
        if (tag.Length > 0 && await _lookup.FindAsync($"{user}@{address.Domain}", cancellationToken) is { } untagged)
            return Read(untagged, address, user, _options.KeepTag ? tag : "");
        return address.Domain.Length > 0 && await _lookup.FindAsync($"@{address.Domain}", cancellationToken) is { } all
            ? Read(all, address, address.LocalPart.ToString(), "")
            : null;
    }

    private (string User, string Tag) SplitTag(Mailbox address)
    {
        ReadOnlySpan<char> local = address.LocalPart;
        int at = _options.Delimiter.Length == 0 || local.StartsWith('"') ? -1 : local.IndexOf(_options.Delimiter, StringComparison.Ordinal);
        return at <= 0 ? (local.ToString(), "") : (local[..at].ToString(), local[at..].ToString());
    }

    private static Mailbox[] Read(string value, Mailbox asked, string user, string tag)
    {
        string source = $"The alias of {asked}";
        var addresses = new List<Mailbox>();
        foreach (string part in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            Mailbox address = Forwarding.ReadAddress(part.StartsWith('@') ? user + part : part, source);
            addresses.Add(tag.Length == 0 || address.LocalPart.StartsWith('"') ? address : Forwarding.ReadAddress($"{address.LocalPart}{tag}@{address.Domain}", source));
        }

        // Nobody at all would lose mail that was answered with 250.
        return addresses.Count > 0 ? [.. addresses] : throw new InvalidOperationException($"{source} is empty.");
    }
}
