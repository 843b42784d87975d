namespace SlimtaFast.Protocol;

/// <summary>A question of AUTH to the handler. Never shows its secret in text. Immutable.</summary>
public sealed class AuthenticationRequest
{
    /// <summary>Makes a question.</summary>
    public AuthenticationRequest(AuthenticationRequestKind kind, string mechanism, string userName, string secret = "")
    {
        ArgumentNullException.ThrowIfNull(mechanism);
        ArgumentNullException.ThrowIfNull(userName);
        ArgumentNullException.ThrowIfNull(secret);
        Kind = kind;
        Mechanism = mechanism;
        UserName = userName;
        Secret = secret;
    }

    /// <summary>What is asked.</summary>
    public AuthenticationRequestKind Kind { get; }

    /// <summary>The mechanism that asks.</summary>
    public string Mechanism { get; }

    /// <summary>Who the client says it is, prepared by SASLprep; with a token it may be empty.</summary>
    public string UserName { get; }

    /// <summary>The password or the token; empty where the mechanism checks by itself.</summary>
    public string Secret { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Mechanism} {Kind} of {UserName}";
}
