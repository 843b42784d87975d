using System.Security.Cryptography;

namespace SlimtaFast.Protocol;

/// <summary>
/// How clients authenticate (RFC 4954). The handler answers for the secrets in
/// <see cref="SmtpServerHandler.OnAuthenticateAsync"/>; this says which mechanisms it can answer for. Immutable.
/// </summary>
public sealed record SmtpAuthOptions
{
    /// <summary>
    /// Mechanisms in the order in which EHLO lists them, out of <see cref="SaslMechanisms"/>. Listed are only those that may be used on
    /// the connection: without TLS none that shows a secret, and SCRAM-SHA-256-PLUS only where the channel can be bound. Default: none.
    /// </summary>
    public IReadOnlyList<string> Mechanisms { get; init; } = [];

    /// <summary>True to take passwords and tokens over connections without TLS. Default false.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>True to answer 530 5.7.0 to MAIL before authentication. Default false.</summary>
    public bool Required { get; init; }

    /// <summary>Failed attempts of one session before it is closed with 421 4.7.0: the last one is answered so. Default 3.</summary>
    public int MaxFailures { get; init; } = 3;

    /// <summary>The scope that clients with a refused token are told, or null.</summary>
    public string? OAuthScope { get; init; }

    /// <summary>
    /// From what the salts of users are made who do not exist, so that they look the same each time they are asked for. Default: random,
    /// new for each object.
    /// </summary>
    public ReadOnlyMemory<byte> UnknownUserKey { get; init; } = RandomNumberGenerator.GetBytes(32);
}
