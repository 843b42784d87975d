namespace SlimtaFast.Lookup;

/// <summary>
/// Finds what a lookup says of a mail address, from the narrow to the wide: the whole address, its domain, and every domain above with a
/// leading dot (<c>.example.org</c> stands for all names below example.org, not for itself). Thread-safe.
/// </summary>
public sealed class AddressLookup
{
    private readonly ILookup _lookup;

    /// <summary>Looks up in this lookup.</summary>
    public AddressLookup(ILookup lookup)
    {
        ArgumentNullException.ThrowIfNull(lookup);
        _lookup = lookup;
    }

    /// <summary>The value for an address such as <c>a@mail.example.org</c>, or null. Fails with <see cref="LookupException"/>.</summary>
    public async ValueTask<string?> FindAsync(string address, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (await _lookup.FindAsync(address, cancellationToken).ConfigureAwait(false) is { } own)
            return own;
        int at = address.LastIndexOf('@');
        if (at < 0 || at == address.Length - 1)
            return null;
        string domain = address[(at + 1)..];
        if (await _lookup.FindAsync(domain, cancellationToken).ConfigureAwait(false) is { } value)
            return value;
        for (int dot = domain.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = domain.IndexOf('.', dot + 1))
        {
            if (await _lookup.FindAsync(domain[dot..], cancellationToken).ConfigureAwait(false) is { } wider)
                return wider;
        }

        return null;
    }
}
