namespace SlimtaFast.Protocol;

/// <summary>With what a client authenticates (RFC 4954). Immutable; never shows its secret in text.</summary>
public sealed class SmtpCredentials
{
    /// <summary>Credentials whose secret is asked for at each connection, so that it may change.</summary>
    /// <param name="userName">The user.</param>
    /// <param name="getSecretAsync">The password, or a bearer token where <see cref="IsToken"/>; a failure refuses the session.</param>
    public SmtpCredentials(string userName, Func<CancellationToken, ValueTask<string>> getSecretAsync)
    {
        ArgumentException.ThrowIfNullOrEmpty(userName);
        ArgumentNullException.ThrowIfNull(getSecretAsync);
        UserName = userName;
        GetSecretAsync = getSecretAsync;
    }

    /// <summary>Credentials with a password that does not change.</summary>
    public SmtpCredentials(string userName, string password)
        : this(userName, _ => new ValueTask<string>(password)) => ArgumentException.ThrowIfNullOrEmpty(password);

    /// <summary>The user.</summary>
    public string UserName { get; }

    /// <summary>Gives the password or the token.</summary>
    public Func<CancellationToken, ValueTask<string>> GetSecretAsync { get; }

    /// <summary>True where the secret is a bearer token, for OAUTHBEARER and XOAUTH2; false for a password. Default false.</summary>
    public bool IsToken { get; init; }

    /// <summary>True to show the secret to a server without TLS, where nothing better is offered. Default false.</summary>
    public bool AllowPlaintext { get; init; }

    /// <inheritdoc/>
    public override string ToString() => UserName;
}
