using System.Collections.Frozen;
using SlimtaFast.Mail;

namespace SlimtaFast.Edge.Spf;

/// <summary>Senders by address, domain and parent domain. Immutable; thread-safe.</summary>
internal sealed class SenderNames(IEnumerable<string> names)
{
    private readonly FrozenSet<string> _names = names.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>True where the address, its domain, or <c>.parent</c> of it is among them.</summary>
    public bool Contains(Mailbox sender)
    {
        if (_names.Count == 0 || sender.IsNull)
            return false;
        FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> lookup = _names.GetAlternateLookup<ReadOnlySpan<char>>();
        ReadOnlySpan<char> domain = sender.Domain;
        if (lookup.Contains(sender.Address) || lookup.Contains(domain))
            return true;
        for (int dot = domain.IndexOf('.'); dot >= 0; dot = domain.IndexOf('.'))
        {
            if (lookup.Contains(domain[dot..]))
                return true;
            domain = domain[(dot + 1)..];
        }

        return false;
    }
}
