namespace SlimtaFast.Protocol;

/// <summary>The names of the SASL mechanisms that sessions speak, as AUTH lists them. They are compared without regard to case.</summary>
public static class SaslMechanisms
{
    /// <summary>SCRAM-SHA-256 bound to the TLS channel (RFC 7677, RFC 5929).</summary>
    public const string ScramSha256Plus = "SCRAM-SHA-256-PLUS";

    /// <summary>SCRAM-SHA-256 (RFC 7677): neither side learns the password, and the server proves itself too.</summary>
    public const string ScramSha256 = "SCRAM-SHA-256";

    /// <summary>PLAIN (RFC 4616): the password itself.</summary>
    public const string Plain = "PLAIN";

    /// <summary>LOGIN: the password itself, in two answers; what old clients know.</summary>
    public const string Login = "LOGIN";

    /// <summary>CRAM-MD5 (RFC 2195): weak, and needs the secret in clear on the server; only for those who name it.</summary>
    public const string CramMd5 = "CRAM-MD5";

    /// <summary>OAUTHBEARER (RFC 7628): a bearer token.</summary>
    public const string OAuthBearer = "OAUTHBEARER";

    /// <summary>XOAUTH2: a bearer token, the form that came before RFC 7628.</summary>
    public const string XOAuth2 = "XOAUTH2";

    /// <summary>All of them, the strongest first.</summary>
    public static IReadOnlyList<string> All { get; } = [ScramSha256Plus, ScramSha256, OAuthBearer, XOAuth2, Plain, Login, CramMd5];
}
