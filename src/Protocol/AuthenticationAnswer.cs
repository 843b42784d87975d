namespace SlimtaFast.Protocol;

/// <summary>A handler's answer to an <see cref="AuthenticationRequest"/>. Immutable.</summary>
public sealed class AuthenticationAnswer
{
    private AuthenticationAnswer()
    {
    }

    /// <summary>Wrong password, bad token, or no such user: the client is told 535 whichever it is.</summary>
    public static AuthenticationAnswer Rejected { get; } = new();

    /// <summary>Nobody can tell now: the client is told 454.</summary>
    public static AuthenticationAnswer Unavailable { get; } = new() { IsUnavailable = true };

    /// <summary>True for <see cref="Unavailable"/>.</summary>
    public bool IsUnavailable { get; private init; }

    /// <summary>True for <see cref="Accept"/>.</summary>
    public bool IsAccepted { get; private init; }

    /// <summary>The name under which the user is known from now on, or null for the one that the client gave.</summary>
    public string? Identity { get; private init; }

    /// <summary>The verifier, or null.</summary>
    public ScramVerifier? ScramVerifier { get; private init; }

    /// <summary>The password in clear, or null.</summary>
    public string? PlainSecret { get; private init; }

    /// <summary>The password or the token is good.</summary>
    public static AuthenticationAnswer Accept(string identity)
    {
        ArgumentException.ThrowIfNullOrEmpty(identity);
        return new AuthenticationAnswer { IsAccepted = true, Identity = identity };
    }

    /// <summary>The verifier that the mechanism asked for.</summary>
    public static AuthenticationAnswer Verifier(ScramVerifier verifier, string? identity = null)
    {
        ArgumentNullException.ThrowIfNull(verifier);
        return new AuthenticationAnswer { ScramVerifier = verifier, Identity = identity };
    }

    /// <summary>The secret that the mechanism asked for.</summary>
    public static AuthenticationAnswer Secret(string secret, string? identity = null)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return new AuthenticationAnswer { PlainSecret = secret, Identity = identity };
    }
}
