namespace SlimtaFast.Edge;

/// <summary>What a credential store can do, and with that which mechanisms of AUTH are offered.</summary>
[Flags]
public enum CredentialAbilities
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><see cref="ICredentialStore.CheckPasswordAsync"/> works: PLAIN and LOGIN.</summary>
    CheckPassword = 1,

    /// <summary><see cref="ICredentialStore.FindAsync"/> gives verifiers: SCRAM-SHA-256, PLAIN and LOGIN.</summary>
    Verifiers = 2,

    /// <summary><see cref="ICredentialStore.FindAsync"/> gives secrets in clear: all mechanisms with passwords, CRAM-MD5 included.</summary>
    Secrets = 4,
}
