using SlimtaFast.Protocol;

namespace SlimtaFast.Edge;

/// <summary>What a store knows of one user. Immutable; never shows its secret in text.</summary>
public sealed class Credential
{
    private Credential(string userName, ScramVerifier? verifier, string? secret)
    {
        ArgumentException.ThrowIfNullOrEmpty(userName);
        UserName = userName;
        Verifier = verifier;
        Secret = secret;
    }

    /// <summary>The name under which the user is known from now on.</summary>
    public string UserName { get; }

    /// <summary>The salted hash of the password, or null.</summary>
    public ScramVerifier? Verifier { get; }

    /// <summary>The password in clear, or null.</summary>
    public string? Secret { get; }

    /// <summary>A user with a salted hash.</summary>
    public static Credential FromVerifier(string userName, ScramVerifier verifier)
    {
        ArgumentNullException.ThrowIfNull(verifier);
        return new Credential(userName, verifier, null);
    }

    /// <summary>A user with a password in clear.</summary>
    public static Credential FromSecret(string userName, string secret)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        return new Credential(userName, null, secret);
    }

    /// <inheritdoc/>
    public override string ToString() => UserName;
}
