namespace SlimtaFast.Edge;

/// <summary>
/// Where the users and their passwords are. It is asked on threads that serve connections: it may await, but never block. A failure is
/// an exception, which the client sees as 454 and the log in full. Implementations are thread-safe.
/// </summary>
public interface ICredentialStore
{
    /// <summary>What it can do; does not change.</summary>
    CredentialAbilities Abilities { get; }

    /// <summary>
    /// A user's credential; null where there is no such user, who then is made to look like any other. Called where
    /// <see cref="Abilities"/> has <see cref="CredentialAbilities.Verifiers"/> or <see cref="CredentialAbilities.Secrets"/>.
    /// </summary>
    /// <param name="userName">The name, prepared by SASLprep (RFC 4013).</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<Credential?> FindAsync(string userName, CancellationToken cancellationToken) => default;

    /// <summary>
    /// Checks a password: the user's name, or null where name or password are wrong. Both should cost the same time. Called where
    /// <see cref="Abilities"/> has <see cref="CredentialAbilities.CheckPassword"/>.
    /// </summary>
    /// <param name="userName">The name, prepared by SASLprep (RFC 4013).</param>
    /// <param name="password">The password as it was sent.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<string?> CheckPasswordAsync(string userName, string password, CancellationToken cancellationToken) => default;
}
