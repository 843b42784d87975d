namespace SlimtaFast.Protocol;

/// <summary>What a mechanism of AUTH wants to know.</summary>
public enum AuthenticationRequestKind
{
    /// <summary>Whether this is the user's password: accept or reject.</summary>
    Password,

    /// <summary>The user's <see cref="ScramVerifier"/>; the mechanism does the rest.</summary>
    Verifier,

    /// <summary>The user's password in clear; the mechanism does the rest.</summary>
    Secret,

    /// <summary>Whether this bearer token is good, and whose it is: accept or reject.</summary>
    Token,
}
