using SlimtaFast.Lookup;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge;

/// <summary>
/// Users out of a lookup: the key is the user's name, the value his salted hash as <c>slimtafast user add</c> writes it to a users file,
/// <c>{SCRAM-SHA-256}iterations,salt,StoredKey,ServerKey</c>. A lookup that fails, and a value that is none, is a failure of the store: the
/// client is told to try again later. Thread-safe.
/// </summary>
public sealed class LookupCredentialStore : ICredentialStore
{
    private readonly ILookup _lookup;

    /// <summary>Looks users up in this lookup, which stays the caller's.</summary>
    public LookupCredentialStore(ILookup lookup)
    {
        ArgumentNullException.ThrowIfNull(lookup);
        _lookup = lookup;
    }

    /// <inheritdoc/>
    public CredentialAbilities Abilities => CredentialAbilities.Verifiers;

    /// <inheritdoc/>
    public async ValueTask<Credential?> FindAsync(string userName, CancellationToken cancellationToken)
    {
        if (await _lookup.FindAsync(userName, cancellationToken) is not { } value)
            return null;
        // The value is a secret, so it is not in the message.
        return ScramVerifier.TryParse(value.Trim(), out ScramVerifier? verifier)
            ? Credential.FromVerifier(userName, verifier)
            : throw new LookupException($"The value of user {userName} is not {{SCRAM-SHA-256}}iterations,salt,StoredKey,ServerKey.");
    }
}
